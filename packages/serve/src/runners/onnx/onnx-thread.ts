import { type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { SlipwayError } from "@slipway/base";
import { BlockReader, type BlockWriter } from "../tensor-block.ts";
import { type FromWorker, replyState, type ToWorker } from "./onnx-messages.ts";
import { ReplyMemory } from "./reply-memory.ts";

/** The smallest request slot. */
const leastSlotBytes = 16 * 1024;
/** A larger slot than this is given up after its block: few requests are so large, and it would stay for good. */
const keptSlotBytes = 32 * 1024 * 1024;

interface Expected {
  readonly resolve: (message: FromWorker) => void;
  readonly reject: (error: SlipwayError) => void;
  readonly promise: Promise<FromWorker>;
}

/** A worker thread as questions in turn: one block out, one block in. Rejects what is expected, and resolves `failed`, when the thread ends unasked. */
export class OnnxThread {
  /** Resolves with the reason when the thread ends unasked. */
  readonly failed: Promise<SlipwayError>;
  private readonly port: MessagePort;
  private readonly wake: Int32Array;
  private readonly exited: Promise<void>;
  private readonly memory = new ReplyMemory();
  private slot = new SharedArrayBuffer(0);
  private replies = new SharedArrayBuffer(0);
  private expected: Expected | undefined;
  private closing = false;
  private failure: SlipwayError | undefined;

  /** `wake` has three elements, see `OnnxWorkerData`. */
  constructor(worker: Worker, port: MessagePort, wake: Int32Array) {
    this.port = port;
    this.wake = wake;
    port.on("message", (message: FromWorker) => this.receiveMessage(message));
    const failed = Promise.withResolvers<SlipwayError>();
    this.failed = failed.promise;
    const end = (cause: unknown) => {
      if (this.closing || this.failure !== undefined) return;
      this.failure = new SlipwayError("internal", "The model worker ended unexpectedly.", {
        hint: "The replica is restarted; its log has the reason.",
        cause,
      });
      this.expected?.reject(this.failure);
      failed.resolve(this.failure);
    };
    this.exited = new Promise((resolve) => {
      worker.on("error", end);
      worker.on("exit", (code) => {
        // The end of a thread may be told before its last words, which say why it ended.
        for (let last = receiveMessageOnPort(port); last !== undefined; last = receiveMessageOnPort(port))
          this.receiveMessage(last.message);
        port.close();
        end(new Error(`The worker thread exited with ${code}.`));
        resolve();
      });
    });
  }

  /** Whether a block is being run. */
  get busy(): boolean {
    return this.expected !== undefined;
  }

  /** How loading went. */
  async loaded(): Promise<Extract<FromWorker, object>> {
    const first = await this.receive();
    if (typeof first === "number") throw new SlipwayError("internal", "The model worker answered before it was asked.");
    if ("replies" in first) this.replies = first.replies;
    return first;
  }

  /**
   * Runs a block of requests; the reply's tensors are views of memory that nobody else writes to. `waitMs`: how long the calling thread
   * may sleep for the reply, 0 for not at all. Sleeping through a run of microseconds costs a fraction of being told of its end by an event.
   */
  run(block: BlockWriter, waitMs: number): BlockReader | Promise<BlockReader> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (this.expected !== undefined)
      return Promise.reject(new SlipwayError("internal", "The model worker was asked twice at once."));
    Atomics.store(this.wake, 2, waitMs > 0 ? replyState.awaited : replyState.posted);
    this.hand(block);
    const length = waitMs > 0 ? this.sleepThrough(waitMs) : undefined;
    return length === undefined ? this.receive().then((reply) => this.replied(reply)) : this.replied(length);
  }

  /** The thread is about to end by itself. */
  ended(): Promise<void> {
    this.closing = true;
    return this.exited;
  }

  /** After the block in progress. */
  async close(): Promise<void> {
    await this.expected?.promise.catch(() => undefined);
    if (!this.closing && this.failure === undefined) this.send("close");
    await this.ended();
  }

  private replied(reply: FromWorker): BlockReader {
    if (this.slot.byteLength > keptSlotBytes) this.slot = new SharedArrayBuffer(0);
    if (typeof reply === "number") return this.small(reply);
    if (reply instanceof ArrayBuffer) return new BlockReader(reply);
    throw new SlipwayError("internal", "The model worker answered something else than replies.");
  }

  private small(length: number): BlockReader {
    const start = this.memory.copy(this.replies, length);
    return new BlockReader(this.memory.current, start);
  }

  /** The length of the reply; undefined when it comes through the port. */
  private sleepThrough(ms: number): number | undefined {
    const { wake } = this;
    Atomics.wait(wake, 2, replyState.awaited, ms);
    // Whoever changes the state first decides which way the reply comes.
    const length = Atomics.compareExchange(wake, 2, replyState.awaited, replyState.posted);
    return length < 0 ? undefined : length;
  }

  private hand(block: BlockWriter): void {
    if (block.length <= this.slot.byteLength) {
      block.writeTo(this.slot);
      this.wakeWorker();
      return;
    }
    const size = Math.max(leastSlotBytes, 2 ** Math.ceil(Math.log2(block.length)));
    this.slot = new SharedArrayBuffer(size > keptSlotBytes ? block.length : size);
    block.writeTo(this.slot);
    this.send({ slot: this.slot });
  }

  private send(message: ToWorker): void {
    this.port.postMessage(message);
    Atomics.store(this.wake, 1, 1);
    this.wakeWorker();
  }

  private wakeWorker(): void {
    Atomics.add(this.wake, 0, 1);
    Atomics.notify(this.wake, 0);
  }

  private receiveMessage(message: FromWorker): void {
    const { expected } = this;
    this.expected = undefined;
    expected?.resolve(message);
  }

  private receive(): Promise<FromWorker> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const { promise, resolve, reject } = Promise.withResolvers<FromWorker>();
    this.expected = { resolve, reject, promise };
    return promise;
  }
}
