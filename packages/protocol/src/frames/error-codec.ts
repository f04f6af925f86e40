import { errorCodes, fromWireError, SlipwayError, toWireError, type WireError } from "@slipway/base";
import { headBytes } from "./frame-format.ts";

/** The payload of an error frame: a wire error as JSON, cut down to code and message where it is too long. */
export function encodeError(error: unknown): Buffer {
  const wire = toWireError(error);
  const whole = Buffer.from(JSON.stringify(wire));
  if (whole.length <= headBytes) return whole;
  // A character takes at most six bytes as an escape.
  return Buffer.from(JSON.stringify({ code: wire.code, message: wire.message.slice(0, headBytes / 8) }));
}

/** The error in a payload; one that cannot be read becomes `internal`. */
export function decodeError(payload: Buffer): SlipwayError {
  try {
    const value = JSON.parse(payload.toString()) as WireError;
    if (typeof value.message === "string" && Object.hasOwn(errorCodes, value.code)) return fromWireError(plainWireError(value));
  } catch {
    // Not JSON: handled below as any other unreadable error.
  }
  return new SlipwayError("internal", "The replica reported an error that cannot be read.");
}

/** Only the fields whose types fit. */
function plainWireError(value: WireError): WireError {
  return {
    code: value.code,
    message: value.message,
    ...(typeof value.hint === "string" ? { hint: value.hint } : {}),
    ...(typeof value.retryAfter === "number" ? { retryAfter: value.retryAfter } : {}),
    ...(Array.isArray(value.problems) ? { problems: value.problems } : {}),
  };
}
