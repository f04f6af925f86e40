import { SlipwayError } from "@slipway/base";
import { quoted } from "./json-object.ts";

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/** Up to here one pass over the bytes costs less than calls of native search. */
const shortBytes = 1024;

/**
 * Throws `badRequest` when an object of the text has a field twice: parsers keep one of them, and not all the same one. `value` is what the text was parsed to.
 * Every field that was kept has one colon in the text; only when there are more is the text read itself.
 */
export function refuseDuplicateFields(json: Uint8Array, value: unknown, what: string): void {
  const kept = countFields(value);
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  if (!hasMoreColons(bytes, kept)) return;
  const name = findDuplicate(bytes);
  if (name === undefined) return;
  throw new SlipwayError("badRequest", `${what} has the field ${quoted(name)} twice in one object.`);
}

function hasMoreColons(bytes: Buffer, kept: number): boolean {
  let colons = 0;
  if (bytes.length <= shortBytes) {
    for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === colon) colons += 1;
    return colons > kept;
  }
  for (let at = bytes.indexOf(colon); at !== -1 && colons <= kept; at = bytes.indexOf(colon, at + 1)) colons += 1;
  return colons > kept;
}

/** Fields of all objects of an inference request, of which there are none in the data of a tensor. */
function countFields(value: unknown): number {
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object") count += countFields(item);
    return count;
  }
  const fields = value as Record<string, unknown> | null;
  for (const name in fields) {
    count += 1;
    const field = fields[name];
    if (typeof field === "object" && name !== "data") count += countFields(field);
  }
  return count;
}

/** The first field that an object of well-formed JSON has for the second time. */
function findDuplicate(bytes: Buffer): string | undefined {
  const objects: Set<string>[] = [];
  let text: string | undefined;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === quote) {
      const start = at;
      for (at += 1; bytes[at] !== quote; at += 1) if (bytes[at] === backslash) at += 1;
      // Only what a colon follows is a name.
      if (isName(bytes, at + 1)) text = JSON.parse(bytes.toString("utf8", start, at + 1)) as string;
    } else if (byte === colon) {
      const seen = objects.at(-1);
      if (seen?.has(text ?? "")) return text;
      seen?.add(text ?? "");
    } else if (byte === 0x7b) {
      objects.push(new Set());
    } else if (byte === 0x7d) {
      objects.pop();
    }
  }
  return undefined;
}

function isName(bytes: Buffer, after: number): boolean {
  let at = after;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at += 1;
  return bytes[at] === colon;
}
