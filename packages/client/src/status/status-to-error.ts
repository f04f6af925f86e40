import { type ErrorCode, errorCodes, type FieldProblem, SlipwayError } from "@slipway/base";

/** `metav1.StatusReason` to our code, https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/. */
const codeOfReason: Readonly<Record<string, ErrorCode>> = {
  BadRequest: "badRequest",
  Invalid: "invalid",
  Unauthorized: "unauthenticated",
  Forbidden: "forbidden",
  NotFound: "notFound",
  MethodNotAllowed: "methodNotAllowed",
  NotAcceptable: "notAcceptable",
  Conflict: "conflict",
  AlreadyExists: "alreadyExists",
  Expired: "expired",
  Gone: "expired",
  RequestEntityTooLarge: "tooLarge",
  UnsupportedMediaType: "unsupportedMediaType",
  TooManyRequests: "overloaded",
  InternalError: "internal",
  ServiceUnavailable: "unavailable",
  Timeout: "timeout",
  ServerTimeout: "timeout",
  NotImplemented: "unimplemented",
  InsufficientStorage: "storageFull",
};

const problemReasons: readonly string[] = [
  "FieldValueInvalid",
  "FieldValueRequired",
  "FieldValueNotSupported",
  "FieldValueForbidden",
  "FieldValueDuplicate",
  "FieldValueTypeInvalid",
  "FieldUnknown",
] satisfies FieldProblem["reason"][];

/** The first code of the table with this HTTP status; `internal` when there is none. */
export function codeOfStatus(status: number): ErrorCode {
  // 400 is `badRequest`: `usage`, which the table lists first, is the command line's own.
  if (status === 400) return "badRequest";
  for (const [code, row] of Object.entries(errorCodes)) if (row.http === status) return code as ErrorCode;
  return status >= 400 && status < 500 ? "badRequest" : "internal";
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function problemOf(value: unknown): FieldProblem {
  const cause = asRecord(value);
  const reason = String(cause.reason);
  return {
    path: typeof cause.field === "string" ? cause.field : "",
    message: typeof cause.message === "string" ? cause.message : reason,
    // A cause of another kind, e.g. FieldManagerConflict, still names its field and says why.
    reason: (problemReasons.includes(reason) ? reason : "FieldValueInvalid") as FieldProblem["reason"],
  };
}

/**
 * The error an API server meant by a `metav1.Status` (already parsed, or anything else it sent). The HTTP status decides where
 * several of our codes share a reason, or the body is no Status.
 */
export function statusToError(status: number, body: unknown): SlipwayError {
  const top = asRecord(body);
  const details = asRecord(top.details);
  const byReason =
    typeof top.reason === "string" && Object.hasOwn(codeOfReason, top.reason) ? codeOfReason[top.reason] : undefined;
  const code = byReason !== undefined && errorCodes[byReason].http === status ? byReason : codeOfStatus(status);
  const message =
    typeof top.message === "string" && top.message !== "" ? top.message : `The control API answered with HTTP status ${status}.`;
  return new SlipwayError(code, message, {
    ...(Array.isArray(details.causes) ? { problems: details.causes.map(problemOf) } : {}),
    ...(typeof details.retryAfterSeconds === "number" ? { retryAfter: details.retryAfterSeconds } : {}),
  });
}
