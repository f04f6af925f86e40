import { SlipwayError } from "@slipway/base";
import { nearestName } from "./nearest-name.ts";

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A caller's own text for a message: quoted, at most 64 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}

/** A parsed JSON value for a message: what kind it is, and short ones as they are. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return `the string ${quoted(value)}`;
  return String(value);
}

/** The value as an object that has no fields but the known ones. `where` names it in messages. Throws `badRequest`. */
export function readObject(value: unknown, where: string, known: readonly string[]): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SlipwayError("badRequest", `${where} must be a JSON object, not ${shown(value)}.`);
  }
  // for…in instead of Object.keys: the first unknown field ends it, however many follow.
  for (const field in value) {
    if (known.includes(field)) continue;
    const meant = nearestName(field, known);
    throw new SlipwayError("badRequest", `${where} has an unknown field ${quoted(field)}.`, {
      hint: meant === undefined ? `Known fields: ${known.join(", ")}.` : `Did you mean ${quoted(meant)}?`,
    });
  }
  return value as JsonObject;
}
