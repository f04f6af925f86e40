import { type Clock, SlipwayError } from "@slipway/base";
import type { BytesData, InferRequest, Tensor } from "@slipway/protocol";
import type { InferReply, ModelRunner } from "../runners/model-runner.ts";

/** Who waits for an answer. Asked again just before the model would run, so that nothing has to be told when a caller leaves. */
export interface Caller {
  /** True once nobody waits any more. */
  readonly cancelled: boolean;
  /** When the answer must be complete, on the clock's monotonic scale; undefined means no deadline. */
  readonly deadlineAt: number | undefined;
}

/** What a {@link Dispatcher} needs. */
export interface DispatcherOptions {
  readonly runner: Pick<ModelRunner, "predict">;
  /** Requests that may wait, beside those that run. */
  readonly capacity: number;
  readonly clock: Clock;
  /** Called once when a run goes on although nobody has waited for it for five to ten seconds: a run cannot be interrupted. */
  readonly onStuck?: () => void;
}

interface Waiting {
  readonly request: InferRequest;
  readonly caller: Caller;
  readonly resolve: (outputs: readonly Tensor[]) => void;
  readonly reject: (error: SlipwayError) => void;
}

/** Requests go to the runner together while they take about this long together: handing over costs a good part of a short run. */
const handoverMs = 1;
const handoverRequests = 64;
const handoverBytes = 1024 * 1024;
/** How often a run is looked at, and for how many looks in a row nobody may wait for it. */
const lookMs = 5_000;
const stuckLooks = 2;

/** A bounded queue in front of a model. The next requests are handed over the moment the model is free; one that takes a millisecond or longer gets one at a time. */
export class Dispatcher {
  private readonly options: DispatcherOptions;
  private readonly queue: Waiting[] = [];
  private readonly stopped = new AbortController();
  private running = 0;
  /** Milliseconds per request, an exponential average; undefined before the first. */
  private runMs: number | undefined;
  private whenIdle: (() => void)[] = [];

  constructor(options: DispatcherOptions) {
    this.options = options;
  }

  /** Requests that wait or run. */
  get inflight(): number {
    return this.queue.length + this.running;
  }

  /** Runs a request as soon as the model is free. Rejects with `overloaded` when the queue is full, `cancelled` or `timeout` when nobody waits any more before it began. */
  submit(request: InferRequest, caller: Caller): Promise<readonly Tensor[]> {
    const busy = this.running > 0;
    if (busy && this.queue.length >= this.options.capacity) {
      this.dropLeft();
      if (this.queue.length >= this.options.capacity) return Promise.reject(this.overloaded());
    }
    return new Promise((resolve, reject) => {
      this.queue.push({ request, caller, resolve, reject });
      if (!busy) void this.run();
    });
  }

  /** Resolves when nothing waits or runs. */
  idle(): Promise<void> {
    if (this.inflight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.whenIdle.push(resolve);
    });
  }

  /** Refuses everything that waits, and what comes later, with this error. */
  stop(error: SlipwayError): void {
    this.stopped.abort(error);
    for (const waiting of this.queue.splice(0)) waiting.reject(error);
  }

  private async run(): Promise<void> {
    for (let group = this.take(); group.length > 0; group = this.take()) {
      this.running = group.length;
      await this.runGroup(group);
      this.running = 0;
    }
    for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  private async runGroup(group: readonly Waiting[]): Promise<void> {
    const endWatch = this.watch(group);
    try {
      const requests = group.map((waiting) => waiting.request);
      for await (const reply of this.options.runner.predict(requests, this.stopped.signal))
        this.settle(group[reply.index]!, reply);
    } catch (caught) {
      // Those that were settled before stay as they are.
      const error = SlipwayError.from(caught);
      for (const waiting of group) waiting.reject(error);
    } finally {
      endWatch();
    }
  }

  /** Looks at a run now and then until the returned function is called. */
  private watch(group: readonly Waiting[]): () => void {
    const { clock, onStuck } = this.options;
    let alone = 0;
    const look = () => {
      alone = group.every(({ caller }) => this.reasonToSkip(caller) !== undefined) ? alone + 1 : 0;
      if (alone >= stuckLooks) onStuck?.();
      else cancel = clock.after(lookMs, look);
    };
    let cancel = clock.after(lookMs, look);
    return () => cancel();
  }

  private settle(waiting: Waiting, reply: InferReply): void {
    this.runMs = this.runMs === undefined ? reply.ms : this.runMs + (reply.ms - this.runMs) * 0.1;
    if ("error" in reply) waiting.reject(reply.error);
    else waiting.resolve(reply.outputs);
  }

  /** The next requests to hand over together; empty when none waits. */
  private take(): Waiting[] {
    const most = this.runMs === undefined ? 1 : Math.min(handoverRequests, Math.floor(handoverMs / this.runMs));
    const group: Waiting[] = [];
    let bytes = 0;
    let taken = 0;
    for (const waiting of this.queue) {
      taken += 1;
      const left = this.reasonToSkip(waiting.caller);
      if (left !== undefined) {
        waiting.reject(left);
        continue;
      }
      group.push(waiting);
      bytes += inputBytes(waiting.request);
      if (group.length >= most || bytes >= handoverBytes) break;
    }
    this.queue.splice(0, taken);
    return group;
  }

  private dropLeft(): void {
    const still = this.queue.splice(0).filter((waiting) => {
      const left = this.reasonToSkip(waiting.caller);
      if (left !== undefined) waiting.reject(left);
      return left === undefined;
    });
    this.queue.push(...still);
  }

  private reasonToSkip(caller: Caller): SlipwayError | undefined {
    if (caller.deadlineAt !== undefined && this.options.clock.monotonic() >= caller.deadlineAt) {
      return new SlipwayError("timeout", "The deadline passed while the request waited for the model.");
    }
    if (caller.cancelled) return new SlipwayError("cancelled", "The caller left while the request waited for the model.");
    return undefined;
  }

  private overloaded(): SlipwayError {
    const seconds = Math.ceil(((this.runMs ?? 0) * this.inflight) / 1000);
    return new SlipwayError("overloaded", `The model's queue is full: ${this.options.capacity} requests wait.`, {
      retryAfter: Math.max(1, seconds),
      hint: "Try again later, or raise the number of replicas.",
    });
  }
}

function inputBytes(request: InferRequest): number {
  let bytes = 0;
  for (const { data } of request.inputs) {
    if (ArrayBuffer.isView(data)) bytes += data.byteLength;
    else for (const element of data as BytesData) bytes += element.length;
  }
  return bytes;
}
