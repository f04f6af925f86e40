import type { Encoding } from "../load/bodies.ts";
import type { PinnedProcess } from "../load/pinned-process.ts";

/** How to post a tensor to a server. */
export interface Endpoint {
  readonly path: string;
  /** The JSON around one FP32 tensor: the Open Inference Protocol, or `{"input": rows}` for those that have a form of their own. */
  readonly form: "oip" | "rows";
  readonly encodings: readonly Encoding[];
  /** Says that the server is alive, without the model. */
  readonly health: string;
}

/** Another model server. */
export interface Rival extends Endpoint {
  readonly name: string;
  readonly version: string;
  /** Whether it may be stopped by SIGSTOP while others are measured; Ray's processes take each other for dead then. */
  readonly canPause: boolean;
  /** Starts it with this model on this port; installed before by `prepare`. */
  start(options: StartOptions): PinnedProcess;
  /** Installs it. Throws one sentence why it cannot be had. */
  prepare(): Promise<void>;
}

/** What a rival is started with. */
export interface StartOptions {
  readonly model: string;
  readonly port: number;
  /** Free too: MLServer opens a gRPC port whether it is wanted or not. */
  readonly sparePort: number;
  /** A scratch folder of its own. */
  readonly folder: string;
}
