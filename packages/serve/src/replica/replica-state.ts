import { SlipwayError } from "@slipway/base";

/** A replica takes requests while `ready`; `draining` it finishes those it has; `failed` its worker has died and the process should end. */
export type ReplicaState = "ready" | "draining" | "closed" | "failed";

/** Why a replica in this state takes no requests now, one sentence; undefined when it does. */
export function whyNotReady(state: ReplicaState): string | undefined {
  if (state === "ready") return undefined;
  return `The replica takes no requests. ${state === "failed" ? "Its model worker has died." : "It is stopping."}`;
}

/** Throws `unavailable` unless a replica in this state takes requests. */
export function demandReady(state: ReplicaState): void {
  const reason = whyNotReady(state);
  if (reason !== undefined) throw new SlipwayError("unavailable", reason, { retryAfter: 1, hint: "Try again." });
}
