const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Whether fewer than `limit` brackets open at all; found with native search, so that a body of numbers is not read byte by byte. */
function opensFewerThan(bytes: Buffer, limit: number): boolean {
  let opens = 0;
  for (const bracket of [openBracket, openBrace]) {
    for (let at = bytes.indexOf(bracket); at !== -1; at = bytes.indexOf(bracket, at + 1)) {
      opens += 1;
      if (opens >= limit) return false;
    }
  }
  return true;
}

/** Whether a JSON text nests deeper than `limit` arrays and objects; reads bytes only, so it is safe before any parser. Text that is not JSON may count either way. */
export function isDeeperThan(json: Uint8Array, limit: number): boolean {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  if (opensFewerThan(bytes, limit + 1)) return false;
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === quote) {
      at = endOfString(bytes, at);
    } else if (byte === openBracket || byte === openBrace) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === closeBracket || byte === closeBrace) {
      depth -= 1;
    }
  }
  return false;
}

/** Where the string that begins at `start` ends; the end of the bytes when it never does. */
function endOfString(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === backslash) at += 1;
    else if (byte === quote) return at;
  }
  return bytes.length;
}
