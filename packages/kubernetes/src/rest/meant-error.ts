import { type ErrorCode, SlipwayError } from "@slipway/base";
import { statusToError } from "@slipway/client";

/** What an API server calls an internal error although it is the caller's. */
const callers: readonly (readonly [pattern: RegExp, code: ErrorCode])[] = [
  [/^etcdserver: request is too large/, "tooLarge"],
  [/trying to send message larger than max/, "tooLarge"],
  [/^failed to create typed patch object/, "invalid"],
];

/** The error that an API server meant by an answer. */
export function meantError(status: number, body: unknown): SlipwayError {
  const error = statusToError(status, body);
  const code = error.code === "internal" ? callers.find(([pattern]) => pattern.test(error.message))?.[1] : undefined;
  return code === undefined ? error : new SlipwayError(code, error.message, { problems: error.problems });
}
