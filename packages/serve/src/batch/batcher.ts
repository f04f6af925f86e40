import { type Clock, SlipwayError } from "@slipway/base";
import type { InferRequest, ModelSignature, Tensor } from "@slipway/protocol";
import type { BatchReply, ModelRunner } from "../runners/model-runner.ts";
import { batchKeys } from "./batch-key.ts";
import type { BatchObserver } from "./batch-observer.ts";
import { type Caller, reasonToSkip } from "./caller.ts";
import { chooseBatch } from "./choose-batch.ts";
import { type Lane, Lanes, type Waiting } from "./lane.ts";
import { planEnd } from "./plan-end.ts";
import { RunWatch } from "./run-watch.ts";
import { tensorBytes } from "./tensor-bytes.ts";

/** What a {@link Batcher} needs. */
export interface BatcherOptions {
  readonly runner: Pick<ModelRunner, "predict" | "instances" | "interruptible">;
  readonly signature: ModelSignature;
  /** Rows that go through the model together at most; 1 where requests cannot share a run. */
  readonly maxBatchSize: number;
  /** Milliseconds from a request's arrival to its answer; undefined means as soon as possible, and none is given up. */
  readonly latencyObjectiveMs?: number | undefined;
  /** Requests that may wait, beside those that run. */
  readonly capacity: number;
  readonly clock: Clock;
  readonly observer?: BatchObserver;
  /** Called once when a run goes on although nobody has waited for it for five to ten seconds: a run cannot be interrupted. */
  readonly onStuck?: () => void;
}

interface Run {
  readonly lane: Lane;
  readonly batch: readonly Waiting[];
  readonly startedAt: number;
  readonly endsAt: number;
}

/** Requests that do not share a run are still handed over together, as long as that saves time: handing over costs a good part of a short run. */
const handoverRequests = 64;
/** Bytes of the inputs and outputs of requests that are handed over together. */
const handoverBytes = 1024 * 1024;
const batchBytes = 16 * 1024 * 1024;
/** How often a batch larger than seemed best is tried, and how much larger. */
const trialEvery = 32;
const trialFactor = 4;
/** Requests that go alone through a model that takes batches. */
const aloneKey = "alone";

/** A bounded queue in front of a model, and what forms batches of it: the moment an instance is free, whatever waits goes, up to the size that still makes it faster. */
export class Batcher {
  private readonly options: BatcherOptions;
  private readonly keyOf: ReturnType<typeof batchKeys> | undefined;
  private readonly lanes: Lanes;
  private readonly runs = new Set<Run>();
  private readonly watch: RunWatch;
  private stopped: SlipwayError | undefined;
  private waitingCount = 0;
  private runningCount = 0;
  private arrivals = 0;
  private turnPlanned = false;
  private whenIdle: (() => void)[] = [];

  constructor(options: BatcherOptions) {
    this.options = options;
    this.lanes = new Lanes(2 * (options.latencyObjectiveMs ?? 0));
    this.watch = new RunWatch(options.clock, () => options.onStuck?.());
    if (options.maxBatchSize > 1) this.keyOf = batchKeys(options.signature);
  }

  /** Requests that wait or run. */
  get inflight(): number {
    return this.waitingCount + this.runningCount;
  }

  /**
   * Runs a request as soon as an instance is free. Rejects with `overloaded` when the queue is full or it could not be answered in time,
   * `cancelled` or `timeout` when nobody waits any more before it began.
   */
  submit(request: InferRequest, caller: Caller): Promise<readonly Tensor[]> {
    if (this.stopped !== undefined) return Promise.reject(this.stopped);
    const { runner, clock, capacity, latencyObjectiveMs } = this.options;
    const now = clock.monotonic();
    const { lane, size } = this.place(request);
    if (latencyObjectiveMs !== undefined) lane.rate.record(now, size);
    const objectiveAt = latencyObjectiveMs === undefined ? undefined : now + latencyObjectiveMs;
    const deadlineAt = earlier(objectiveAt, caller.deadlineAt);
    const free = runner.instances - this.runs.size;
    // Each free instance takes at least one as soon as this turn of the event loop is over.
    if (this.waitingCount >= capacity + free) this.dropLeft();
    if (this.waitingCount >= capacity + free)
      return Promise.reject(this.overloaded(`The model's queue is full: ${capacity} requests wait.`));
    if (this.inflight > 0 && deadlineAt !== undefined && now < deadlineAt && this.endOf(lane, size, now) > deadlineAt)
      return Promise.reject(this.overloaded("The model is too busy to answer in time."));
    return new Promise((resolve, reject) => {
      const bytes = tensorBytes(request.inputs);
      const order = this.arrivals;
      this.arrivals += 1;
      lane.waiting.push({ request, caller, size, bytes, arrivedAt: now, deadlineAt, order, resolve, reject });
      this.waitingCount += 1;
      this.planTurn();
    });
  }

  /** Resolves when nothing waits or runs. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.whenIdle.push(resolve);
      this.endIfIdle();
    });
  }

  /** Refuses everything that waits, and what comes later, with this error. */
  stop(error: SlipwayError): void {
    this.stopped = error;
    for (const lane of this.lanes.all()) {
      for (const waiting of lane.waiting.splice(0)) waiting.reject(error);
    }
    this.waitingCount = 0;
    this.endIfIdle();
  }

  private place(request: InferRequest): { lane: Lane; size: number } {
    if (this.keyOf === undefined) return { lane: this.lanes.of("", false, handoverRequests), size: 1 };
    const { maxBatchSize } = this.options;
    const { key, rows } = this.keyOf(request);
    if (rows === undefined || rows > maxBatchSize) return { lane: this.lanes.of(aloneKey, false, 1), size: 1 };
    return { lane: this.lanes.of(`=${key}`, true, maxBatchSize), size: rows };
  }

  /** Runs what waits once everything that has arrived in this turn of the event loop is here: what came together goes together, and nothing waits for a timer. */
  private planTurn(): void {
    if (this.turnPlanned || this.runs.size >= this.options.runner.instances) return;
    this.turnPlanned = true;
    setImmediate(() => {
      this.turnPlanned = false;
      this.runNext();
    });
  }

  private runNext(): void {
    while (this.runs.size < this.options.runner.instances) {
      const lane = this.lanes.next();
      if (lane === undefined) break;
      const batch = this.take(lane);
      if (batch.length === 0) continue;
      if (this.run(lane, batch)) continue;
      // It was answered while this thread slept; what has come meanwhile is read first.
      if (this.waitingCount > 0) this.planTurn();
      break;
    }
    this.endIfIdle();
  }

  /** Hands a batch to the model; false when it has its answers already. */
  private run(lane: Lane, batch: readonly Waiting[]): boolean {
    const { clock, runner } = this.options;
    const size = sizeOf(batch);
    const startedAt = clock.monotonic();
    const run: Run = { lane, batch, startedAt, endsAt: startedAt + lane.times.expected(size) };
    this.runs.add(run);
    this.runningCount += batch.length;
    const abandoned = () => batch.every(({ caller }) => reasonToSkip(caller, clock.monotonic()) !== undefined);
    const requests = batch.map((waiting) => waiting.request);
    const interrupt = runner.interruptible === true ? new AbortController() : undefined;
    const answer = runner.predict(requests, lane.together && batch.length > 1, interrupt?.signal);
    if (answer instanceof Promise) {
      this.watch.begin(abandoned, interrupt && (() => interrupt.abort()));
      void this.answered(run, answer, abandoned);
      return true;
    }
    this.end(run, answer);
    this.settle(run, answer);
    return false;
  }

  private async answered(run: Run, promise: Promise<BatchReply>, abandoned: () => boolean): Promise<void> {
    let answer: BatchReply | undefined;
    let failure: unknown;
    try {
      answer = await promise;
    } catch (caught) {
      failure = caught;
    }
    this.watch.end(abandoned);
    this.end(run, answer);
    // First the model gets its next work, then these their answers.
    this.runNext();
    if (answer === undefined) for (const waiting of run.batch) waiting.reject(SlipwayError.from(failure));
    else this.settle(run, answer);
  }

  private end(run: Run, answer: BatchReply | undefined): void {
    const { lane, batch, startedAt } = run;
    this.runs.delete(run);
    this.runningCount -= batch.length;
    // A batch that fell apart took longer than one of its size does.
    if (answer === undefined || (answer.runs !== 1 && lane.together)) return;
    lane.times.record(sizeOf(batch), this.options.clock.monotonic() - startedAt);
  }

  private settle({ lane, batch, startedAt }: Run, { replies, runs }: BatchReply): void {
    const { observer } = this.options;
    observer?.runs(runs, lane.together ? sizeOf(batch) : runs);
    for (let index = 0; index < batch.length; index += 1) {
      const reply = replies[index]!;
      const waiting = batch[index]!;
      observer?.ran(startedAt - waiting.arrivedAt, reply.ms);
      if ("error" in reply) waiting.reject(reply.error);
      else {
        if (index === 0) lane.outputBytes = Math.max(lane.outputBytes, tensorBytes(reply.outputs) / waiting.size);
        waiting.resolve(reply.outputs);
      }
    }
  }

  /** The next requests of a lane to run; those that must not or cannot in time are answered. */
  private take(lane: Lane): readonly Waiting[] {
    const now = this.options.clock.monotonic();
    const present = this.present(lane, now);
    if (present.length === 1 && present[0]!.deadlineAt === undefined) {
      lane.sinceTrial += 1;
      lane.waiting = [];
      this.waitingCount -= 1;
      return present;
    }
    const limit = this.limit(lane);
    // What several free instances can share is done sooner than by one of them.
    const share = Math.ceil(sizeOf(present) / (this.options.runner.instances - this.runs.size));
    const { take, drop } = chooseBatch(present, now, Math.min(limit, share), lane.times);
    // A model that seems too slow for everyone must run now and then: only that shows when it is no longer.
    if (take.length === 0 && this.runs.size === 0) take.push(...drop.splice(-1));
    lane.sinceTrial = lane.sinceTrial >= trialEvery && sizeOf(take) * 2 > limit ? 0 : lane.sinceTrial + 1;
    for (const waiting of drop) waiting.reject(this.overloaded("The model is too busy to answer in time."));
    // Both are from the front, in order.
    if (take.length + drop.length === lane.waiting.length) lane.waiting = [];
    else {
      const gone = new Set([...take, ...drop]);
      lane.waiting = lane.waiting.filter((waiting) => !gone.has(waiting));
    }
    this.waitingCount -= take.length + drop.length;
    return take;
  }

  /** Rows of the next batch at most. */
  private limit(lane: Lane): number {
    const { times, most, together } = lane;
    const factor = lane.sinceTrial >= trialEvery ? trialFactor : 1;
    const objective = this.options.latencyObjectiveMs;
    let limit = times.best(most, objective, factor);
    if (objective !== undefined) {
      const roomy = times.roomy(times.best(most, undefined, factor), objective, lane.rate.at(this.options.clock.monotonic()));
      limit = Math.max(limit, roomy);
    }
    const each = (lane.waiting[0]?.bytes ?? 0) / (lane.waiting[0]?.size ?? 1) + lane.outputBytes;
    const fitting = Math.floor((together ? batchBytes : handoverBytes) / Math.max(1, each));
    return Math.max(1, Math.min(limit, most, fitting));
  }

  /** The requests of a lane that somebody waits for; the others are answered. */
  private present(lane: Lane, now: number): readonly Waiting[] {
    const { waiting } = lane;
    if (waiting.every(({ caller }) => reasonToSkip(caller, now) === undefined)) return waiting;
    lane.waiting = [];
    for (const one of waiting) {
      const reason = reasonToSkip(one.caller, now);
      if (reason === undefined) lane.waiting.push(one);
      else one.reject(reason);
    }
    this.waitingCount -= waiting.length - lane.waiting.length;
    return lane.waiting;
  }

  private dropLeft(): void {
    const now = this.options.clock.monotonic();
    for (const lane of this.lanes.all()) this.present(lane, now);
  }

  /** When a request of a lane would be answered, on the clock's monotonic scale. */
  private endOf(lane: Lane, size: number, now: number): number {
    let othersMs = 0;
    for (const other of this.lanes.all()) if (other !== lane) othersMs += this.workOf(other);
    const freeAt = new Array<number>(this.options.runner.instances).fill(now);
    let instance = 0;
    for (const run of this.runs) freeAt[instance++] = run.endsAt;
    const ahead = sizeOf(lane.waiting);
    return planEnd(size, { now, freeAt, othersMs, ahead, rate: lane.rate.at(now), limit: this.limit(lane), times: lane.times });
  }

  /** Milliseconds that one instance needs for what waits in a lane. */
  private workOf(lane: Lane): number {
    const size = sizeOf(lane.waiting);
    if (size === 0) return 0;
    const limit = this.limit(lane);
    return Math.floor(size / limit) * lane.times.expected(limit) + (size % limit === 0 ? 0 : lane.times.expected(size % limit));
  }

  private overloaded(message: string): SlipwayError {
    let ms = 0;
    for (const lane of this.lanes.all()) ms += this.workOf(lane);
    const now = this.options.clock.monotonic();
    const running = Math.max(0, ...[...this.runs].map((run) => run.endsAt - now));
    return new SlipwayError("overloaded", message, {
      retryAfter: Math.max(1, Math.ceil((ms / this.options.runner.instances + running) / 1000)),
      hint: "Try again later, or raise the number of replicas.",
    });
  }

  private endIfIdle(): void {
    if (this.inflight > 0 || this.whenIdle.length === 0) return;
    this.watch.rest();
    for (const resolve of this.whenIdle.splice(0)) resolve();
  }
}

function sizeOf(batch: readonly Waiting[]): number {
  let size = 0;
  for (const waiting of batch) size += waiting.size;
  return size;
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
