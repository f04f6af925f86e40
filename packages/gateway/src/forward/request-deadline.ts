import type { IncomingHttpHeaders } from "node:http";
import { SlipwayError } from "@slipway/base";

const defaultSeconds = 60;
const mostSeconds = 3_600;

/** Milliseconds a request may take that does not say how long. */
export const usualMs = defaultSeconds * 1_000;
/** The same of a request for text, which may be long: what OpenAI's own clients wait. */
export const usualTextMs = 600_000;
/** Milliseconds a request may take at most. */
export const longestMs = mostSeconds * 1_000;

/** Milliseconds a request may take, from its `Request-Timeout` header in seconds (a decimal; at most an hour; `usual` without one). Throws `badRequest`. */
export function requestDeadline(headers: IncomingHttpHeaders, usual = usualMs): number {
  const text = headers["request-timeout"];
  if (text === undefined) return usual;
  const seconds = typeof text === "string" && /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (seconds <= 0 || seconds > mostSeconds) {
    throw new SlipwayError(
      "badRequest",
      `The header Request-Timeout is not a number of seconds above 0 and up to ${mostSeconds}.`,
      {
        hint: "Send for example Request-Timeout: 2.5, or leave it out.",
      },
    );
  }
  return seconds * 1_000;
}
