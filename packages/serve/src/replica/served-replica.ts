import type { SlipwayError } from "@slipway/base";
import type { InferenceTarget } from "./inference-target.ts";

/** A replica takes requests while `ready`; `draining` it finishes those it has; `failed` its worker has died and the process should end. */
export type ReplicaState = "ready" | "draining" | "closed" | "failed";

/** A loaded model, of tensors or of text. */
export interface ServedReplica extends InferenceTarget {
  readonly state: ReplicaState;
  /** Requests that wait or run. */
  readonly inflight: number;
  /** Resolves with the reason when the model worker dies or is stuck in a run: the process must end. Never rejects. */
  readonly failed: Promise<SlipwayError>;
  /** Takes no more requests and resolves when those it has are answered. */
  drain(): Promise<void>;
  /** Drains, then frees the model. */
  close(): Promise<void>;
}
