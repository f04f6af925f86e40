import type { MessagePort } from "node:worker_threads";
import type { WireError } from "@slipway/base";
import type { ModelSignature } from "@slipway/protocol";
import type { OnnxSettings } from "./onnx-settings.ts";

/** What the worker thread is started with. */
export interface OnnxWorkerData {
  readonly port: MessagePort;
  /** The worker sleeps on its first element, which counts the messages sent to it. */
  readonly wake: Int32Array;
  readonly modelFile: string;
  readonly settings: OnnxSettings;
  /** Largest sum of bytes of the outputs of one request. */
  readonly maxOutputBytes: number;
}

/** To the worker: a block of requests (see {@link writeRequests}), or the order to end. */
export type ToWorker = ArrayBuffer | "close";

/** From the worker: first how loading went, then a block of replies for each block of requests. */
export type FromWorker =
  | { readonly loaded: ModelSignature }
  | { readonly refused: WireError }
  /** ONNX Runtime's own text, which may name paths. */
  | { readonly failed: string }
  | ArrayBuffer;

/** How one run ended, in a block of replies. */
export const runResult = {
  /** Followed by the outputs. */
  done: 0,
  /** Followed by ONNX Runtime's text. */
  failed: 1,
  /** Followed by what is wrong with the outputs. */
  badOutput: 2,
} as const;
