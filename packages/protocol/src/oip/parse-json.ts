import { isUtf8 } from "node:buffer";
import { SlipwayError } from "@slipway/base";
import { isDeeperThan } from "./json-depth.ts";

/** Arrays and objects inside one another that a body may have. An OIP request has four levels and a tensor's rank. */
export const maxJsonDepth = 64;

/** The value of a JSON text, for `what` in messages (e.g. `The request body`). Throws `badRequest` when it is not UTF-8, not JSON or nests too deep. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  return parse(bytes, what);
}

/** As {@link parseJson}, but whole numbers beyond 2^53 come as BigInt with every digit. Several times slower, so only for text that has such numbers. */
export function parseExactJson(bytes: Uint8Array, what: string): unknown {
  return parse(bytes, what, (_key, value, context) => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    // More digits than any datatype has stay a number, which then is out of range: converting a million digits would take minutes.
    return /^-?\d{1,20}$/.test(context.source) ? BigInt(context.source) : value;
  });
}

/** A reviver of JSON.parse as ES2026 has it; `source` is the text of a primitive value. */
type SourceReviver = (key: string, value: unknown, context: { readonly source: string }) => unknown;

/** Up to here one pass over the bytes costs less than calls of native search. */
const shortBytes = 1024;

/** Whether a text is short, all ASCII, and has too few brackets to nest too deep: then there is nothing to check before it is parsed. */
function isPlain(bytes: Uint8Array): boolean {
  if (bytes.length > shortBytes) return false;
  let every = 0;
  let opens = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    every |= byte;
    // Both opening brackets, and no other character of JSON's grammar, become this.
    if ((byte | 0x20) === 0x7b) opens += 1;
  }
  return every < 0x80 && opens <= maxJsonDepth;
}

function parse(bytes: Uint8Array, what: string, reviver?: SourceReviver): unknown {
  const plain = isPlain(bytes);
  if (!plain && isDeeperThan(bytes, maxJsonDepth)) {
    throw new SlipwayError(
      "badRequest",
      `${what} is nested too deep: at most ${maxJsonDepth} arrays and objects inside one another.`,
    );
  }
  const text = plain ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1") : decode(bytes, what);
  try {
    return JSON.parse(text, reviver as ((key: string, value: unknown) => unknown) | undefined);
  } catch (error) {
    throw notJson(what, error);
  }
}

function decode(bytes: Uint8Array, what: string): string {
  if (!isUtf8(bytes)) throw new SlipwayError("badRequest", `${what} is not UTF-8.`, { hint: "Send JSON encoded as UTF-8." });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function notJson(what: string, error: unknown): SlipwayError {
  // V8's message quotes a few characters of the caller's own text; that is what finds the place.
  const detail = error instanceof Error ? error.message : "";
  return new SlipwayError("badRequest", `${what} is not JSON: ${detail}.`, {
    hint: "NaN and Infinity are not JSON; neither are comments and trailing commas.",
    cause: error,
  });
}
