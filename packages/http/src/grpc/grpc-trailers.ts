import type { OutgoingHttpHeaders } from "node:http2";
import type { SlipwayError } from "@slipway/base";

/** Longer texts are cut: many clients refuse metadata above 8 KiB. */
const mostText = 2_000;

/** The trailers that end a call: with a status of its error, or OK. */
export function grpcTrailers(error: SlipwayError | undefined): OutgoingHttpHeaders {
  if (error === undefined) return { "grpc-status": "0" };
  const problems = error.problems.map(({ path, message }) => ` ${path}: ${message}.`).join("");
  const text = `${error.message}${problems}${error.hint === undefined ? "" : ` ${error.hint}`}`;
  return {
    "grpc-status": String(error.grpcStatus),
    "grpc-message": percentEncode(text.slice(0, mostText)),
    ...(error.retryAfter === undefined ? {} : { "grpc-retry-pushback-ms": String(Math.ceil(error.retryAfter * 1_000)) }),
  };
}

/** A text as `grpc-message` carries it: printable ASCII as it is, all else in UTF-8 behind percent signs. */
function percentEncode(text: string): string {
  if (/^[ -$&-~]*$/.test(text)) return text;
  let encoded = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
