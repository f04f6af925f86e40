import { type ErrorCode, errorCodes } from "./error-codes.ts";

/** One problem of one field, e.g. `spec.scaling.minReplicas`. Paths are as kubectl prints them: dots, and `[0]` for list items. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
  /** The cause's type as in Kubernetes' `StatusCause.reason`. */
  readonly reason:
    | "FieldValueInvalid"
    | "FieldValueRequired"
    | "FieldValueNotSupported"
    | "FieldValueForbidden"
    | "FieldValueDuplicate"
    | "FieldValueTypeInvalid"
    | "FieldUnknown";
}

/** What more an error can say. */
export interface ErrorDetails {
  /** What the user can do about it, one sentence. */
  readonly hint?: string;
  /** All field problems at once. */
  readonly problems?: readonly FieldProblem[];
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfter?: number;
  /** Its gRPC status where that is not its code's: one that another process chose, or that gRPC itself asks for. */
  readonly grpcStatus?: number;
  readonly cause?: unknown;
}

/** The one error type of the product. Its code decides HTTP status, gRPC code and exit code; its message is safe to show to a caller. */
export class SlipwayError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly problems: readonly FieldProblem[];
  readonly retryAfter: number | undefined;
  readonly grpcStatus: number;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "SlipwayError";
    this.code = code;
    this.hint = details.hint;
    this.problems = details.problems ?? [];
    this.retryAfter = details.retryAfter;
    this.grpcStatus = details.grpcStatus ?? errorCodes[code].grpc;
  }

  get httpStatus(): number {
    return errorCodes[this.code].http;
  }

  get exitCode(): number {
    return errorCodes[this.code].exit;
  }

  /** Normalises anything caught. An unknown error becomes `internal`; its text stays in `cause`, for the log, never for a caller. */
  static from(caught: unknown): SlipwayError {
    if (caught instanceof SlipwayError) return caught;
    if (caught instanceof Error && caught.name === "AbortError") {
      return new SlipwayError("cancelled", "The operation was cancelled.", { cause: caught });
    }
    const systemCode = (caught as { code?: unknown } | undefined)?.code;
    if (typeof systemCode === "string" && ["ENOSPC", "EDQUOT", "EROFS"].includes(systemCode)) {
      const what = systemCode === "EROFS" ? "The file system is read-only" : "The disk is full";
      return new SlipwayError("storageFull", `${what}; nothing was changed.`, { cause: caught });
    }
    return new SlipwayError("internal", "An internal error occurred.", { cause: caught });
  }
}
