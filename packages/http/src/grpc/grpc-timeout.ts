import { SlipwayError } from "@slipway/base";

const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** Milliseconds of a `grpc-timeout`, e.g. `150m`; undefined without one. Throws `badRequest`. */
export function grpcTimeout(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const match = typeof value === "string" ? /^(\d{1,8})([HMSmun])$/.exec(value) : null;
  if (match !== null) return Number(match[1]) * unitMs[match[2]!]!;
  throw new SlipwayError(
    "badRequest",
    "The metadata grpc-timeout is not a number of up to 8 digits and a unit of H, M, S, m, u, n.",
  );
}
