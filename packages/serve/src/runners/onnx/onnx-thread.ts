import type { MessagePort, Worker } from "node:worker_threads";
import { SlipwayError } from "@slipway/base";
import type { FromWorker, ToWorker } from "./onnx-messages.ts";

/** The worker thread as messages in turn: one out, one in. Rejects what is expected, and resolves `failed`, when the thread ends unasked. */
export class OnnxThread {
  /** Resolves with the reason when the thread ends unasked. */
  readonly failed: Promise<SlipwayError>;
  private readonly port: MessagePort;
  private readonly wake: Int32Array;
  private readonly exited: Promise<void>;
  private expected: { resolve: (message: FromWorker) => void; reject: (error: SlipwayError) => void } | undefined;
  private closing = false;
  private failure: SlipwayError | undefined;

  constructor(worker: Worker, port: MessagePort, wake: Int32Array) {
    this.port = port;
    this.wake = wake;
    port.on("message", (message: FromWorker) => {
      const { expected } = this;
      this.expected = undefined;
      expected?.resolve(message);
    });
    let fail: (error: SlipwayError) => void;
    this.failed = new Promise((resolve) => {
      fail = resolve;
    });
    const end = (cause: unknown) => {
      if (this.closing || this.failure !== undefined) return;
      this.failure = new SlipwayError("internal", "The model worker ended unexpectedly.", {
        hint: "The replica is restarted; its log has the reason.",
        cause,
      });
      this.expected?.reject(this.failure);
      fail(this.failure);
    };
    this.exited = new Promise((resolve) => {
      worker.on("error", end);
      worker.on("exit", (code) => {
        port.close();
        end(new Error(`The worker thread exited with ${code}.`));
        resolve();
      });
    });
  }

  send(message: ToWorker): void {
    this.port.postMessage(message, message instanceof ArrayBuffer ? [message] : []);
    Atomics.add(this.wake, 0, 1);
    Atomics.notify(this.wake, 0);
  }

  receive(): Promise<FromWorker> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (this.expected !== undefined)
      return Promise.reject(new SlipwayError("internal", "The model worker was asked twice at once."));
    return new Promise((resolve, reject) => {
      this.expected = { resolve, reject };
    });
  }

  /** The thread is about to end by itself. */
  ended(): Promise<void> {
    this.closing = true;
    return this.exited;
  }

  async close(): Promise<void> {
    if (!this.closing && this.failure === undefined) this.send("close");
    await this.ended();
  }
}
