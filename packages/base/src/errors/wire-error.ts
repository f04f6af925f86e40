import { type ErrorCode, errorCodes } from "./error-codes.ts";
import { type FieldProblem, SlipwayError } from "./slipway-error.ts";

/** An error as JSON between our own processes: no stack, no cause. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly problems?: readonly FieldProblem[];
  readonly retryAfter?: number;
}

/** What of an error may cross a process boundary. */
export function toWireError(caught: unknown): WireError {
  const error = SlipwayError.from(caught);
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.problems.length === 0 ? {} : { problems: error.problems }),
    ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
  };
}

/** The error another process sent; an unknown code becomes `internal`. */
export function fromWireError(wire: WireError): SlipwayError {
  const code = wire.code in errorCodes ? wire.code : "internal";
  return new SlipwayError(code, wire.message, {
    ...(wire.hint === undefined ? {} : { hint: wire.hint }),
    ...(wire.problems === undefined ? {} : { problems: wire.problems }),
    ...(wire.retryAfter === undefined ? {} : { retryAfter: wire.retryAfter }),
  });
}
