import type { IncomingHttpHeaders } from "node:http";
import { type AnswerHeaders, acceptedEncoding } from "@slipway/http";
import type { FrameHeaders } from "@slipway/protocol";

/** What of a request's headers a replica gets. Everything else, credentials and cookies above all, stays here. */
const requestNames = [
  "content-type",
  "content-encoding",
  "accept",
  "inference-header-content-length",
  "x-request-id",
  "traceparent",
  "tracestate",
] as const;

/** What of an answer's headers a client gets; its length is the gateway's to say. */
const answerNames = [
  "content-type",
  "content-encoding",
  "inference-header-content-length",
  "vary",
  "x-request-id",
  "retry-after",
  "grpc-status",
] as const;

/** The headers that go to a replica; `local` when the client is on this machine. */
export function headersToReplica(headers: IncomingHttpHeaders, local: boolean): FrameHeaders {
  const passed: Record<string, string> = {};
  for (const name of requestNames) {
    const value = headers[name];
    if (typeof value === "string") passed[name] = value;
  }
  const encoding = acceptedEncoding(headers["accept-encoding"], local);
  if (encoding !== undefined) passed["accept-encoding"] = encoding;
  return passed;
}

/** What {@link headersToClient} gave last: a connection to a replica gives the same headers again as the same object. */
let lastGiven: FrameHeaders | undefined;
let lastPassed: AnswerHeaders = {};

/** The headers that go to a client. */
export function headersToClient(headers: FrameHeaders): AnswerHeaders {
  if (headers === lastGiven) return lastPassed;
  const passed: Record<string, string> = {};
  for (const name of answerNames) {
    const value = headers[name];
    if (value !== undefined) passed[name] = value;
  }
  lastGiven = headers;
  lastPassed = passed;
  return passed;
}
