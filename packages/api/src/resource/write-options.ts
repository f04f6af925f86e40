import { SlipwayError } from "@slipway/base";
import type { Exchange } from "@slipway/http";

/** What a request's query says about how to write. */
export interface WriteQuery {
  readonly manager: string;
  readonly dryRun: boolean;
}

/**
 * Reads `fieldManager`, `dryRun` and `fieldValidation`. Unknown and duplicate fields are refused whatever `fieldValidation` says: nothing is
 * accepted and ignored. Throws `badRequest`.
 */
export function writeQuery(exchange: Exchange): WriteQuery {
  const { query } = exchange;
  oneOf("fieldValidation", query.get("fieldValidation"), ["Ignore", "Warn", "Strict"]);
  return { manager: query.get("fieldManager") || userAgentManager(exchange), dryRun: isDryRun(query.getAll("dryRun")) };
}

/** Whether `dryRun` asks for a trial; its only value is `All`. Throws `badRequest`. */
export function isDryRun(values: readonly string[]): boolean {
  for (const value of values) oneOf("dryRun", value, ["All"]);
  return values.includes("All");
}

/** Throws `badRequest` unless the value is absent, empty or one of those named. */
export function oneOf(name: string, value: string | null, supported: readonly string[]): void {
  if (value === null || value === "" || supported.includes(value)) return;
  throw new SlipwayError(
    "badRequest",
    `${name}: Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((item) => JSON.stringify(item)).join(", ")}`,
  );
}

/** Checks a field manager's name as Kubernetes does. Throws `badRequest`. */
export function checkManager(name: string): void {
  if (name.length > 128) throw new SlipwayError("badRequest", "fieldManager: Too long: may not be more than 128 bytes");
  if (/[^\x20-\x7e]/.test(name))
    throw new SlipwayError("badRequest", "fieldManager: Invalid value: should only contain printable characters");
}

/** As Kubernetes: what stands before the first slash of the user agent. */
function userAgentManager(exchange: Exchange): string {
  const name = (exchange.headers["user-agent"] ?? "")
    .split("/")[0]!
    .replace(/[^\x20-\x7e]/g, "")
    .slice(0, 128)
    .trim();
  return name === "" ? "unknown" : name;
}
