import type { RequestFate } from "@slipway/protocol";

/** What a request has been through. */
export interface Attempts {
  /** Times it was sent again although a replica may have begun it. */
  readonly retries: number;
  /** Times a replica refused it unbegun. */
  readonly refusals: number;
  /** Whether a byte of an answer went to the client. */
  readonly answering: boolean;
  /** Whether the body is still there to be sent again. */
  readonly bodyKept: boolean;
}

/** A request that killed two replicas is not given a third. */
const mostRetries = 1;

/** Refusals cost a replica nothing, but a fleet that only refuses must not be asked for ever. */
const mostRefusals = 8;

/**
 * What to do when a request came to nothing at a replica: `retry` counts against the one retry, `redirect` does not, because nothing has run yet;
 * `fail` tells the client. Every model counts as idempotent: no field says otherwise yet.
 */
export function retryDecision(fate: RequestFate, attempts: Attempts): "retry" | "redirect" | "fail" {
  if (attempts.answering || fate.answered || !attempts.bodyKept) return "fail";
  if (!fate.accepted) return attempts.refusals < mostRefusals ? "redirect" : "fail";
  return attempts.retries < mostRetries ? "retry" : "fail";
}
