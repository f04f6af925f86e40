import type { IncomingHttpHeaders } from "node:http";

/** The head of a request that leaves nothing to interpret. */
export interface RequestHead {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** In origin form: a path with its query. */
  readonly target: string;
  /** Names in lower case, each there once. */
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body. */
  readonly bodyBytes: number;
  /** Bytes of the head itself, the empty line included. */
  readonly length: number;
}

/** `more` when the head is not whole yet; `other` when it is for a full parser to judge. */
export type HeadResult = RequestHead | "more" | "other";

const endOfHead = "\r\n\r\n";
/** Larger ones are refused by Node's parser, with the status for it. */
const mostBytes = 16 * 1024;
const requestLine = /^(GET|POST|PUT|PATCH|DELETE) (\/[\x21-\x7e]*) HTTP\/1\.1$/;
/** A name, a colon, and a value without control characters or white space around it, RFC 9112 section 5. */
const field =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t \x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/;
/** Each of these changes how the message is framed or what the connection is for. */
const unusual = new Set([
  "transfer-encoding",
  "upgrade",
  "expect",
  "trailer",
  "te",
  "keep-alive",
  "proxy-connection",
  "http2-settings",
  "__proto__",
]);
const digits = /^\d{1,9}$/;

/**
 * Reads the head that begins at `from`. Strict where parsers are lenient: whatever could be read in two ways, is rare, or is wrong, is `other`, so that one full
 * parser has the last word on all of it.
 */
export function readRequestHead(bytes: Buffer, from: number): HeadResult {
  const end = bytes.indexOf(endOfHead, from, "latin1");
  if (end === -1) return bytes.length - from > mostBytes ? "other" : "more";
  const length = end + endOfHead.length - from;
  if (length > mostBytes) return "other";
  const lines = bytes.toString("latin1", from, end).split("\r\n");
  const start = requestLine.exec(lines[0]!);
  if (start === null) return "other";
  const headers: Record<string, string> = {};
  for (let index = 1; index < lines.length; index += 1) {
    const found = field.exec(lines[index]!);
    if (found === null) return "other";
    const name = found[1]!.toLowerCase();
    if (unusual.has(name) || name in headers) return "other";
    headers[name] = found[2]!;
  }
  const { host, connection, "content-length": size } = headers;
  if (host === undefined || host === "") return "other";
  if (connection !== undefined && connection.toLowerCase() !== "keep-alive") return "other";
  if (size !== undefined && !digits.test(size)) return "other";
  const method = start[1] as RequestHead["method"];
  return { method, target: start[2]!, headers, bodyBytes: Number(size ?? 0), length };
}
