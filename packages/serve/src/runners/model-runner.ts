import type { SlipwayError } from "@slipway/base";
import type { InferRequest, ModelSignature, Tensor } from "@slipway/protocol";

/** What came of one request of a batch. */
export type InferReply = {
  /** Which request of the batch. */
  readonly index: number;
  /** Milliseconds the model worked on it. */
  readonly ms: number;
} & ({ readonly outputs: readonly Tensor[] } | { readonly error: SlipwayError });

/** A loaded model. It runs elsewhere than on the calling thread. */
export interface ModelRunner {
  /** Inputs and outputs as the model itself has them. */
  readonly signature: ModelSignature;
  /** For model metadata, `FRAMEWORK_FORMAT`. */
  readonly platform: string;
  /** Resolves with the reason when the runner ends without being closed; never rejects. */
  readonly failed: Promise<SlipwayError>;
  /** Runs requests that fit the signature, each by itself, and gives one reply for each. One call at a time. Not begun when the signal has aborted; a model that runs cannot be stopped. */
  predict(batch: readonly InferRequest[], signal: AbortSignal): AsyncIterable<InferReply>;
  /** Waits for the run in progress and frees the model. */
  close(): Promise<void>;
}
