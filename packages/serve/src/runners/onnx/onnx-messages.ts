import type { MessagePort } from "node:worker_threads";
import type { WireError } from "@slipway/base";
import type { OnnxSettings } from "./onnx-settings.ts";
import type { OnnxSignature } from "./onnx-signature.ts";

/** What the worker thread is started with. */
export interface OnnxWorkerData {
  readonly port: MessagePort;
  /**
   * The worker sleeps on the first element, which counts what was sent to it; the second is 1 when the next of it lies in the port and not
   * in the slot. The third is a {@link replyState}, or the bytes of the reply in the reply slot.
   */
  readonly wake: Int32Array;
  readonly modelFile: string;
  readonly settings: OnnxSettings;
  /** Largest sum of bytes of the outputs of one request. */
  readonly maxOutputBytes: number;
}

/** To the worker: run what is in the request slot; new memory for the request slot, with a block in it already; or the order to end. */
export type ToWorker = { readonly slot: SharedArrayBuffer } | "close";

/**
 * From the worker: first how loading went, then one message for each block of requests. Small replies lie in the reply slot, so that the
 * message is a bare number, which is the cheapest there is; larger ones come as memory that moves.
 */
export type FromWorker =
  | { readonly loaded: OnnxSignature; readonly replies: SharedArrayBuffer }
  | { readonly refused: WireError }
  /** ONNX Runtime's own text, which may name paths. */
  | { readonly failed: string }
  /** Bytes of the block in the reply slot. */
  | number
  | ArrayBuffer;

/** How a reply is waited for. The worker changes `awaited` to the bytes of the reply; the other thread, when it wakes too early, to `posted`. */
export const replyState = {
  /** By an event: the reply is sent through the port. */
  posted: -1,
  /** The other thread sleeps on this element. */
  awaited: -2,
} as const;

/** Bytes of the reply slot. Copying this much out of it costs about as much as moving memory. */
export const replySlotBytes = 64 * 1024;
