import type { SlipwayError } from "@slipway/base";
import type { InferenceTarget } from "./inference-target.ts";
import type { ReplicaState } from "./replica-state.ts";

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
