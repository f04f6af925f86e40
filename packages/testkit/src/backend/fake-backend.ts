import { type Clock, Feed, SlipwayError } from "@slipway/base";
import {
  type Action,
  type Backend,
  type Observed,
  type ObservedReplica,
  type ObservedRun,
  type PlaceProblem,
  type RevisionRun,
  revisionRun,
} from "@slipway/control";
import type { Key } from "@slipway/spec";
import { type FakeFaults, FaultSwitches } from "./fake-faults.ts";
import { idOf, keyId, keyOf } from "./fake-ids.ts";
import { FakeNumbers } from "./fake-numbers.ts";
import { FakeReplicas, restartsAt } from "./fake-replicas.ts";

/** How a {@link FakeBackend} is made. */
export interface FakeBackendOptions {
  /** All the fake's time; a `VirtualClock` makes it deterministic. */
  readonly clock: Clock;
  /** Milliseconds from start to ready. Default 100. */
  readonly startMs?: number;
  /** Milliseconds from stop to exit. Default 50. */
  readonly drainMs?: number;
  /** Milliseconds that a replica may drain before it is killed. Default 30 s. */
  readonly graceMs?: number;
  /**
   * What it is like. A `machine` has nothing but its replicas, names them by ordinals and starts them only while it is asked. A `cluster`
   * keeps a number per revision by itself, gives names of no meaning, and ends and replaces replicas unasked.
   */
  readonly kind?: "machine" | "cluster";
}

/** A replica as it was started, and as it is seen. */
export interface FakeReplica {
  readonly spec: RevisionRun & { readonly name: string };
  readonly observed: ObservedReplica;
}

/** A backend in memory: no processes, deterministic, driven by a clock. Its knobs make faults and its counters prove that they happened. */
export class FakeBackend implements Backend {
  /** Knob: milliseconds from start to ready, for starts from now on. */
  startMs: number;
  /** Knob: milliseconds from stop to exit, for stops from now on. */
  drainMs: number;
  /** Milliseconds that a replica may drain before it is killed. */
  readonly graceMs: number;
  /** Every action asked for, in order, refused calls included. */
  readonly performed: Action[] = [];
  private readonly clock: Clock;
  private readonly cluster: boolean;
  private readonly switches = new FaultSwitches();
  private readonly replicas: FakeReplicas;
  private readonly numbers: FakeNumbers;
  private readonly feeds = new Set<Feed<Key>>();
  private callsToFail = 0;

  constructor(options: FakeBackendOptions) {
    const { clock } = options;
    const faults = this.switches;
    const changed = (of: RevisionRun) => this.changed(of);
    this.clock = clock;
    this.startMs = options.startMs ?? 100;
    this.drainMs = options.drainMs ?? 50;
    this.graceMs = options.graceMs ?? 30_000;
    this.cluster = options.kind === "cluster";
    this.replicas = new FakeReplicas(
      { clock, faults, times: this, cluster: this.cluster },
      { changed, leaving: ({ namespace, revision }) => this.numbers.tend(idOf(namespace, revision)) },
    );
    this.numbers = new FakeNumbers(this.replicas, faults, changed);
  }

  /** The faults that happened so far. */
  get faults(): FakeFaults {
    return { ...this.switches.counts };
  }

  /** Knob: replicas of this bundle end with `ModelInvalid` instead of becoming ready; `false` heals it. */
  invalidModel(bundle: string, broken = true): void {
    if (broken) this.switches.invalidBundles.add(bundle);
    else this.switches.invalidBundles.delete(bundle);
  }

  /** Knob: replicas of this revision end at once with `StartFailed`; `false` heals it. */
  cannotStart(namespace: string, revision: string, broken = true): void {
    if (broken) this.switches.unstartable.add(idOf(namespace, revision));
    else this.switches.unstartable.delete(idOf(namespace, revision));
  }

  /** Knob: replicas of this revision ignore the request to stop and are killed after their grace period. */
  ignoreStop(namespace: string, revision: string): void {
    this.switches.stubborn.add(idOf(namespace, revision));
  }

  /** Knob: the place makes no more replicas of a revision, and says why; without a reason it does again. */
  refuse(namespace: string, revision: string, why?: Omit<PlaceProblem, "revision">): void {
    const id = idOf(namespace, revision);
    if (why === undefined) this.switches.problems.delete(id);
    else this.switches.problems.set(id, { namespace, revision, ...why });
    this.numbers.tend(id);
    for (const { spec } of this.replicas.all) if (spec.revision === revision) this.changed(spec);
  }

  /** Knob: the next `count` calls of `observe` and `perform` are rejected with `unavailable`. */
  failCalls(count: number): void {
    this.callsToFail = count;
  }

  /** Fault: the replica ends now, as if killed, or with the reason given. False when there is none alive. */
  crash(namespace: string, name: string, reason: "Error" | "OOMKilled" = "Error"): boolean {
    const replica = this.replicas.get(namespace, name);
    if (replica === undefined || replica.state === "exited") return false;
    this.switches.counts.crashes++;
    const message = reason === "OOMKilled" ? "It used more memory than its limit and was killed." : "It was killed by SIGKILL.";
    this.replicas.end(replica, { code: null, signal: "SIGKILL", reason, message });
    return true;
  }

  /** Fault, in a cluster: the replica drains and goes though nobody asked, and another takes its place. False when there is none. */
  evict(namespace: string, name: string): boolean {
    const replica = this.replicas.get(namespace, name);
    if (!this.cluster || replica === undefined || replica.state === "draining") return false;
    this.switches.counts.evictions++;
    this.replicas.stop(replica);
    return true;
  }

  /** The load as a cluster sees it: its autoscaling now wants this many. False when it may not scale this revision. */
  autoscale(namespace: string, revision: string, replicas: number): boolean {
    return this.numbers.scale(namespace, revision, replicas);
  }

  /** What a cluster keeps of a revision. */
  keptOf(namespace: string, revision: string): ObservedRun | undefined {
    return this.numbers.get(namespace, revision);
  }

  /** Every replica there is with what it was started as, for tests that look from outside. */
  get all(): readonly FakeReplica[] {
    return this.replicas.all.map((replica) => ({ spec: replica.spec, observed: this.replicas.observed(replica) }));
  }

  async observe(model: Key, signal: AbortSignal): Promise<Observed> {
    this.enter(signal);
    const replicas = this.replicas.of(model).map((replica) => this.replicas.observed(replica));
    const problems = [...this.switches.problems.values()]
      .filter((problem) => problem.namespace === model.namespace)
      .map(({ revision, reason, message }) => ({ revision, reason, message }));
    return { replicas, problems, ...(this.cluster ? { runs: this.numbers.of(model) } : {}) };
  }

  async perform(action: Action, signal: AbortSignal): Promise<void> {
    this.performed.push(action);
    this.enter(signal);
    if (action.type === "end") this.finish(action);
    else if (this.cluster) this.numbers.run(action);
    else this.run(action);
  }

  async *changes(signal: AbortSignal): AsyncIterable<Key> {
    const feed = new Feed<Key>(keyId, signal);
    this.feeds.add(feed);
    try {
      for (const { spec } of this.replicas.all) feed.push(keyOf(spec));
      for (const run of this.numbers.all) feed.push(keyOf(run));
      yield* feed;
    } finally {
      this.feeds.delete(feed);
    }
  }

  private enter(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.callsToFail === 0) return;
    this.callsToFail--;
    this.switches.counts.failedCalls++;
    throw new SlipwayError("unavailable", "The fake backend was told to fail this call.");
  }

  /** As on one machine: what is there to do is done now, and the end of a back-off is only told. */
  private run({ model, revision, replicas, leaving }: Extract<Action, { type: "run" }>): void {
    const run = revisionRun(model, revision);
    this.replicas.release(run.namespace, leaving);
    const standing = this.replicas.standing(run);
    const ended = standing.filter((replica) => replica.state === "exited");
    let missing = replicas - (standing.length - ended.length);
    for (const replica of ended.slice(0, Math.max(0, missing))) {
      missing--;
      const dueMs = restartsAt(replica) - this.clock.now();
      if (dueMs <= 0) this.replicas.begin(replica);
      else {
        replica.cancel();
        replica.cancel = this.clock.after(dueMs, () => this.changed(replica.spec));
      }
    }
    for (let ordinal = 0; missing > 0; ordinal++) {
      const name = `${run.revision}-${ordinal}`;
      if (this.replicas.get(run.namespace, name) !== undefined) continue;
      missing--;
      this.replicas.start(run, name);
    }
  }

  private finish({ namespace, model, revision }: Extract<Action, { type: "end" }>): void {
    // First of all, or it would make up for what ends.
    this.numbers.end(namespace, revision);
    const left = this.replicas.of({ namespace, name: model }).filter(({ spec }) => spec.revision === revision);
    this.replicas.release(
      namespace,
      left.map(({ spec }) => spec.name),
    );
  }

  private changed(of: RevisionRun): void {
    for (const feed of this.feeds) feed.push(keyOf(of));
  }
}
