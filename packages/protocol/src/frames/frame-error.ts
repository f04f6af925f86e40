import { SlipwayError } from "@slipway/base";

/** How far a request got that has no (whole) answer. */
export interface RequestFate {
  /** Whether the replica may have begun to work on it. False: sending it elsewhere cannot make it run twice. */
  readonly accepted: boolean;
  /** Whether the error is the replica's own answer. True: sending it elsewhere would only fail again. */
  readonly answered: boolean;
}

/** Why a request over frames got no (whole) answer. */
export class FrameError extends SlipwayError implements RequestFate {
  readonly accepted: boolean;
  readonly answered: boolean;

  constructor(reason: SlipwayError, fate: RequestFate) {
    super(reason.code, reason.message, {
      problems: reason.problems,
      cause: reason.cause ?? reason,
      ...(reason.hint === undefined ? {} : { hint: reason.hint }),
      ...(reason.retryAfter === undefined ? {} : { retryAfter: reason.retryAfter }),
    });
    this.accepted = fate.accepted;
    this.answered = fate.answered;
  }
}
