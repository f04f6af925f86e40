import { SlipwayError } from "@slipway/base";

/** A JSON object of unknown content. */
export type JsonObject = { [key: string]: unknown };

/** Objects deeper than this are nobody's manifest; recursion over them must not exhaust the stack. */
const maxDepth = 64;

/** Whether a value is a JSON object, not an array or null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Refuses what no schema should have to think of: nesting without end, and keys that change an object's prototype. Throws `badRequest`. */
export function checkShape(value: unknown, depth = 0): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > maxDepth) throw new SlipwayError("badRequest", `The object is nested more than ${maxDepth} levels deep.`);
  if (Array.isArray(value)) {
    for (const item of value) checkShape(item, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    if (key === "__proto__") throw new SlipwayError("badRequest", 'The field name "__proto__" is not allowed.');
    checkShape((value as JsonObject)[key], depth + 1);
  }
}
