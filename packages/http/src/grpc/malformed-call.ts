import { type ErrorDetails, SlipwayError } from "@slipway/base";

/** INTERNAL, https://grpc.io/docs/guides/status-codes/. */
const internal = 13;

/** The body of a call is not what gRPC sends: the caller's fault, though its status is INTERNAL, as gRPC's own servers answer. */
export function malformedCall(message: string, details: ErrorDetails = {}): SlipwayError {
  return new SlipwayError("badRequest", message, { ...details, grpcStatus: internal });
}
