import { type FieldProblem, SlipwayError } from "@slipway/base";
import { invalidOptions } from "./invalid-options.ts";

/** Which version of the data a list or watch asks for. */
export interface VersionQuery {
  /** undefined: the newest; `0`: any; else a version. */
  readonly version: string | undefined;
  readonly match: "NotOlderThan" | "Exact" | undefined;
}

/** Reads `resourceVersion` and `resourceVersionMatch`. Throws `badRequest` or `invalid`. */
export function readVersionQuery(query: URLSearchParams): VersionQuery {
  const version = query.get("resourceVersion") || undefined;
  const match = query.get("resourceVersionMatch") || undefined;
  if (version !== undefined && !/^\d{1,19}$/.test(version)) {
    throw new SlipwayError(
      "badRequest",
      `resourceVersion: Invalid value: ${JSON.stringify(version)}: must be a version this API gave out`,
    );
  }
  if (match !== undefined && match !== "NotOlderThan" && match !== "Exact") {
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan"`;
    throw matchProblem(message, "FieldValueNotSupported");
  }
  return { version, match };
}

/** Throws unless the current version satisfies the query: `timeout` when the version is yet to come, `expired` when exactly an older one is wanted. */
export function checkVersion(query: VersionQuery, current: string): void {
  const { version, match } = query;
  if (version === undefined) {
    if (match !== undefined)
      throw matchProblem("Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
    return;
  }
  if (match === "Exact" && version === "0") {
    throw matchProblem('Forbidden: resourceVersionMatch "Exact" is forbidden for resourceVersion "0"');
  }
  if (BigInt(version) > BigInt(current)) {
    throw new SlipwayError("timeout", `Too large resource version: ${version}, current: ${current}`, { retryAfter: 1 });
  }
  if (match === "Exact" && version !== current) {
    throw new SlipwayError("expired", `The resourceVersion for the provided list is too old: ${version}, current: ${current}.`);
  }
}

/** The refusal of a `resourceVersionMatch`. */
export function matchProblem(message: string, reason: FieldProblem["reason"] = "FieldValueForbidden"): SlipwayError {
  return invalidOptions("ListOptions", [{ path: "resourceVersionMatch", message, reason }]);
}
