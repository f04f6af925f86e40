/** One row of the closed table that every status and exit code of the product comes from. */
export interface ErrorCodeRow {
  /** HTTP status, RFC 9110 (and 499 as NGINX uses it for a client that left). */
  readonly http: number;
  /** gRPC status code, https://grpc.io/docs/guides/status-codes/. */
  readonly grpc: number;
  /** Exit code of the command line: 0 done, 1 failed, 2 usage, 3 not found, 4 conflict, 5 invalid, 6 timed out, 7 unreachable. */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  /** What a user reads in the documentation of errors. */
  readonly meaning: string;
}

/** Every error code there is. There are no user-defined codes. `docs/errors.md` is checked against this table. */
export const errorCodes = {
  usage: { http: 400, grpc: 3, exit: 2, meaning: "The command line or a flag is wrong." },
  badRequest: { http: 400, grpc: 3, exit: 5, meaning: "The request is malformed: its JSON, a tensor, a header or a parameter." },
  invalid: {
    http: 422,
    grpc: 3,
    exit: 5,
    meaning: "A resource, bundle or model is well-formed but breaks a rule; every problem is listed.",
  },
  unauthenticated: { http: 401, grpc: 16, exit: 1, meaning: "No valid credential came with the request." },
  forbidden: { http: 403, grpc: 7, exit: 1, meaning: "The caller may not do this." },
  notFound: { http: 404, grpc: 5, exit: 3, meaning: "No such model, revision, resource, file or route." },
  methodNotAllowed: { http: 405, grpc: 12, exit: 2, meaning: "The route exists, but not with this method." },
  notAcceptable: { http: 406, grpc: 3, exit: 2, meaning: "None of the media types the caller accepts can be produced." },
  requestTimeout: { http: 408, grpc: 4, exit: 6, meaning: "The client sent its request too slowly." },
  conflict: { http: 409, grpc: 10, exit: 4, meaning: "The object changed meanwhile, or another manager owns the field." },
  alreadyExists: {
    http: 409,
    grpc: 6,
    exit: 4,
    meaning: "An object of that name is there already, or the platform already runs.",
  },
  expired: { http: 410, grpc: 11, exit: 1, meaning: "The resource version is older than the history kept; list again." },
  tooLarge: { http: 413, grpc: 8, exit: 5, meaning: "A body, object or file is above its limit." },
  unsupportedMediaType: { http: 415, grpc: 12, exit: 5, meaning: "The content type or encoding is not one this route reads." },
  misdirected: { http: 421, grpc: 7, exit: 1, meaning: "The Host or Origin is not one this listener answers for." },
  overloaded: { http: 429, grpc: 8, exit: 1, meaning: "A queue is full; try again after the time given." },
  cancelled: { http: 499, grpc: 1, exit: 1, meaning: "The caller went away or gave up." },
  internal: { http: 500, grpc: 13, exit: 1, meaning: "A fault of Slipway or of the model; the log of the component has more." },
  unimplemented: { http: 501, grpc: 12, exit: 1, meaning: "Known, but not supported here." },
  unavailable: { http: 503, grpc: 14, exit: 7, meaning: "The platform or model cannot be reached or is not ready; try again." },
  timeout: { http: 504, grpc: 4, exit: 6, meaning: "It did not end before its deadline." },
  storageFull: { http: 507, grpc: 8, exit: 1, meaning: "The disk is full or read-only; nothing was changed." },
} as const satisfies Record<string, ErrorCodeRow>;

/** A key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;
