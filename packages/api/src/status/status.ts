import { type ErrorCode, SlipwayError } from "@slipway/base";
import type { KindInfo, Status } from "@slipway/spec";

/** Which object, or kind of object, an answer is about. */
export interface About {
  readonly info: Pick<KindInfo, "group" | "plural"> & { readonly kind: string };
  readonly name?: string | undefined;
}

/** `metav1.StatusReason` of each of our codes; kubectl and client libraries decide by it. */
const reasons: Record<ErrorCode, string> = {
  usage: "BadRequest",
  badRequest: "BadRequest",
  invalid: "Invalid",
  unauthenticated: "Unauthorized",
  forbidden: "Forbidden",
  notFound: "NotFound",
  methodNotAllowed: "MethodNotAllowed",
  notAcceptable: "NotAcceptable",
  requestTimeout: "Timeout",
  conflict: "Conflict",
  alreadyExists: "AlreadyExists",
  expired: "Expired",
  tooLarge: "RequestEntityTooLarge",
  unsupportedMediaType: "UnsupportedMediaType",
  misdirected: "Forbidden",
  overloaded: "TooManyRequests",
  cancelled: "Timeout",
  internal: "InternalError",
  unimplemented: "NotImplemented",
  unavailable: "ServiceUnavailable",
  timeout: "Timeout",
  storageFull: "InsufficientStorage",
};

/** Refusals of a request that Kubernetes answers before it looks at any object. */
const aboutNoObject: ReadonlySet<ErrorCode> = new Set(["badRequest", "unsupportedMediaType", "notAcceptable"]);

/** The failure as Kubernetes would word it; `noted` is missing when the request named no kind. */
export function failureStatus(error: SlipwayError, noted: About | undefined): Status {
  const conflicting = error.code === "conflict" && error.problems.length > 0;
  // As Kubernetes does: conflicts of an apply name the fields, and no object.
  const about = conflicting || aboutNoObject.has(error.code) ? undefined : noted;
  const causes = error.problems.map((problem) => ({
    reason: conflicting ? "FieldManagerConflict" : problem.reason,
    message: problem.message,
    ...(problem.path === "" ? {} : { field: problem.path }),
  }));
  const details = {
    ...(about?.name === undefined ? {} : { name: about.name }),
    ...(about === undefined || about.info.group === "" ? {} : { group: about.info.group }),
    // As Kubernetes does: the kind of an object that is wrong, the resource of one that is missing or in the way.
    ...(about === undefined ? {} : { kind: error.code === "invalid" ? about.info.kind : about.info.plural }),
    ...(causes.length === 0 ? {} : { causes }),
    ...(error.retryAfter === undefined ? {} : { retryAfterSeconds: Math.max(1, Math.ceil(error.retryAfter)) }),
  };
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: error instanceof ExpiredListError ? { continue: error.continueToken } : {},
    status: "Failure",
    message: message(error),
    reason: reasons[error.code],
    ...(Object.keys(details).length === 0 ? {} : { details }),
    code: error.httpStatus,
  };
}

/** The answer to a deletion that left nothing. */
export function deletedStatus(about: About, uid: string | undefined): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: {
      ...(about.name === undefined ? {} : { name: about.name }),
      ...(about.info.group === "" ? {} : { group: about.info.group }),
      kind: about.info.plural,
      ...(uid === undefined ? {} : { uid }),
    },
  };
}

/** A page was asked for of a list that is no longer kept; the token begins again at the same place of today's list. */
export class ExpiredListError extends SlipwayError {
  readonly continueToken: string;

  constructor(continueToken: string) {
    super("expired", "The continue token is too old: the list it began is no longer kept.", {
      hint: "List again, or go on with the token in metadata.continue, whose pages may not be of one version.",
    });
    this.continueToken = continueToken;
  }
}

/** Refusals that Kubernetes words in a way tools and people know; everything else also says what to do. */
const wordedByKubernetes: ReadonlySet<ErrorCode> = new Set(["notFound", "alreadyExists", "conflict", "invalid"]);

function message(error: SlipwayError): string {
  if (error.hint === undefined || wordedByKubernetes.has(error.code)) return error.message;
  return `${error.message}${error.message.endsWith(".") ? "" : "."} ${error.hint}`;
}
