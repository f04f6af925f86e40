import { type ErrorCode, errorCodes } from "@slipway/base";

/** What a replica wrote as its last words. */
export interface ReplicaReport {
  readonly code?: ErrorCode;
  readonly message: string;
}

/** A longer text is not a sentence for a condition. */
const longest = 1_000;

/** The last words of a container: JSON of ours, or the last line that it logged. Undefined when it said nothing. */
export function replicaReport(text: string | undefined): ReplicaReport | undefined {
  const last = (text ?? "").trim().split("\n").at(-1)?.trim() ?? "";
  if (last === "") return undefined;
  try {
    const { code, message } = JSON.parse(last) as { code?: unknown; message?: unknown };
    if (typeof message !== "string") return { message: last.slice(0, longest) };
    const known = typeof code === "string" && Object.hasOwn(errorCodes, code);
    return { ...(known ? { code: code as ErrorCode } : {}), message: message.slice(0, longest) };
  } catch {
    return { message: last.slice(0, longest) };
  }
}
