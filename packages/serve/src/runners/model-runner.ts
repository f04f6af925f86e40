import type { SlipwayError } from "@slipway/base";
import type { InferRequest, ModelSignature, Tensor } from "@slipway/protocol";

/** What came of one request. `ms` is how long the run took that it was part of, in milliseconds. */
export type InferReply = { readonly ms: number } & ({ readonly outputs: readonly Tensor[] } | { readonly error: SlipwayError });

/** What came of requests that were handed over together. */
export interface BatchReply {
  /** One for each request, in order. */
  readonly replies: readonly InferReply[];
  /** How often the model ran. */
  readonly runs: number;
}

/** Names of the dimensions of each input and output, in the signature's order; empty where one has none. */
export interface DimensionNames {
  readonly inputs: readonly (readonly string[])[];
  readonly outputs: readonly (readonly string[])[];
}

/** A loaded model. It runs elsewhere than on the calling thread. */
export interface ModelRunner {
  /** Inputs and outputs as the model itself has them. */
  readonly signature: ModelSignature;
  /** Names that the model gives its free dimensions: the same name is the same size. */
  readonly dimensions: DimensionNames;
  /** For model metadata, `FRAMEWORK_FORMAT`. */
  readonly platform: string;
  /** Batches that can run at the same time. */
  readonly instances: number;
  /** Whether a run that nobody waits for any more can be ended without ending the runner. */
  readonly interruptible?: boolean;
  /** Resolves with the reason when the runner ends without being closed; never rejects. */
  readonly failed: Promise<SlipwayError>;
  /**
   * Runs requests that fit the signature. `together`: they differ in axis 0 alone and want the same outputs, and go through the model as
   * one; otherwise each by itself. What fails together is run in parts until only the guilty ones fail. At most `instances` calls at a
   * time; a model that runs cannot be stopped, unless the runner is {@link interruptible}: then an abort of `interrupt` ends the run with an
   * error. Rejects only when the runner has failed; never throws. May answer at once when a run is so
   * short that sleeping through it is cheaper than to be told of its end.
   */
  predict(batch: readonly InferRequest[], together: boolean, interrupt?: AbortSignal): BatchReply | Promise<BatchReply>;
  /** Waits for the runs in progress and frees the model. */
  close(): Promise<void>;
}
