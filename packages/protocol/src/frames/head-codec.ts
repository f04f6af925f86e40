import { SlipwayError } from "@slipway/base";
import { headBytes } from "./frame-format.ts";
import type { FrameHeaders, FrameRequestHead, FrameResponseHead } from "./frame-heads.ts";
import { HeadReader } from "./head-reader.ts";

/** Header names sent as one byte, the index + 1. The order is part of the protocol version: only append. */
const knownNames = [
  "content-type",
  "content-length",
  "content-encoding",
  "accept",
  "accept-encoding",
  "inference-header-content-length",
  "x-request-id",
  "traceparent",
  "tracestate",
  "retry-after",
  "allow",
];
const knownIndex = new Map(knownNames.map((name, index) => [name, index + 1]));

const namePattern = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Anything RFC 9110 does not allow in a field value: a replica must not be able to break out of a header. */
const badValue = /[^\t\x20-\x7e\x80-\xff]/;

function tooLarge(): SlipwayError {
  return new SlipwayError("tooLarge", `The head of the message is over ${headBytes} bytes.`, {
    hint: "Send fewer or shorter headers.",
  });
}

function writeText(target: Buffer, offset: number, text: string, lengthBytes: 1 | 2, end: number): number {
  const start = offset + lengthBytes;
  const most = Math.min(end - start, lengthBytes === 1 ? 255 : 65_535);
  // No UTF-16 unit takes more than three bytes of UTF-8: most texts need no measuring.
  if (text.length * 3 > most && Buffer.byteLength(text) > most) throw tooLarge();
  const length = target.write(text, start, "utf8");
  if (lengthBytes === 1) target[offset] = length;
  else target.writeUInt16BE(length, offset);
  return start + length;
}

function writeHeaders(target: Buffer, offset: number, headers: FrameHeaders, end: number): number {
  const countAt = offset;
  let at = offset + 1;
  let count = 0;
  for (const name in headers) {
    const value = headers[name]!;
    if (badValue.test(value))
      throw new SlipwayError("badRequest", `The header ${name} has a character that HTTP does not allow.`);
    const known = knownIndex.get(name);
    if (++count > 255 || at >= end) throw tooLarge();
    target[at++] = known ?? 0;
    if (known === undefined) {
      if (!namePattern.test(name)) throw new SlipwayError("badRequest", `"${name}" is not a header name in lower case.`);
      at = writeText(target, at, name, 1, end);
    }
    at = writeText(target, at, value, 2, end);
  }
  target[countAt] = count;
  return at;
}

function readHeaders(reader: HeadReader): FrameHeaders {
  const headers: Record<string, string> = {};
  for (let left = reader.byte(); left > 0; left--) {
    const known = reader.byte();
    const name = known === 0 ? reader.text(1) : knownNames[known - 1];
    if (name === undefined || (known === 0 && !namePattern.test(name)) || name === "__proto__")
      throw reader.malformed("a header name");
    const value = reader.text(2);
    if (badValue.test(value)) throw reader.malformed(`the header ${name}`);
    headers[name] = value;
  }
  reader.end();
  return headers;
}

/**
 * Writes a request head at `offset` and returns where it ends; `target` must have {@link headBytes} of room. Layout: deadline (4), namespace,
 * model, revision, method (length 1 + text each), path (length 2 + text), headers (count 1; each: known name 1, or 0 and length 1 + text; value length 2 + text).
 */
export function encodeRequestHead(target: Buffer, offset: number, head: FrameRequestHead): number {
  const end = offset + headBytes;
  writeDeadline(target, offset, head.deadline);
  let at = writeText(target, offset + 4, head.namespace, 1, end);
  at = writeText(target, at, head.model, 1, end);
  at = writeText(target, at, head.revision, 1, end);
  at = writeText(target, at, head.method, 1, end);
  at = writeText(target, at, head.path, 2, end);
  return writeHeaders(target, at, head.headers, end);
}

/** Writes the deadline of the request head at `offset`, in whole milliseconds. */
export function writeDeadline(target: Buffer, offset: number, ms: number): void {
  target.writeUInt32BE(Math.min(0xffff_ffff, Math.max(0, Math.ceil(ms))), offset);
}

/** The request head in a payload. Throws `badRequest` when it is malformed. */
export function decodeRequestHead(payload: Buffer): FrameRequestHead {
  const reader = new HeadReader(payload, "request head");
  const deadline = reader.number();
  return {
    deadline,
    namespace: reader.text(1),
    model: reader.text(1),
    revision: reader.text(1),
    method: reader.text(1),
    path: reader.text(2),
    headers: readHeaders(reader),
  };
}

/** Writes a response head at `offset` and returns where it ends; `target` must have {@link headBytes} of room. Layout: status (2), headers as in a request. */
export function encodeResponseHead(target: Buffer, offset: number, head: FrameResponseHead): number {
  target.writeUInt16BE(head.status, offset);
  return writeHeaders(target, offset + 2, head.headers, offset + headBytes);
}

/** The response head in a payload. Throws `badRequest` when it is malformed. */
export function decodeResponseHead(payload: Buffer): FrameResponseHead {
  const reader = new HeadReader(payload, "response head");
  const status = reader.short();
  if (status < 200 || status > 599) throw reader.malformed(`the status ${status}`);
  return { status, headers: readHeaders(reader) };
}
