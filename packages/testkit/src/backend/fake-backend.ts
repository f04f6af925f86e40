import { isDeepStrictEqual } from "node:util";
import { backoff, type Clock, Feed, SlipwayError, toWireError } from "@slipway/base";
import {
  type Action,
  type Backend,
  type Observed,
  type ObservedReplica,
  type ObservedRun,
  type PlaceProblem,
  type ReplicaExit,
  type RevisionRun,
  revisionRun,
} from "@slipway/control";
import type { Key } from "@slipway/spec";

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

/** How often each fault really happened. */
export interface FakeFaults {
  readonly crashes: number;
  readonly evictions: number;
  readonly invalidModels: number;
  readonly failedStarts: number;
  readonly ignoredStops: number;
  readonly failedCalls: number;
  readonly refusedReplicas: number;
}

/** A replica as it was started, and as it is seen. */
export interface FakeReplica {
  readonly spec: RevisionRun & { readonly name: string };
  readonly observed: ObservedReplica;
}

interface Replica {
  readonly spec: FakeReplica["spec"];
  state: ObservedReplica["state"];
  pid: number;
  startedAt: number;
  readyAt: number | undefined;
  restarts: number;
  error: ObservedReplica["error"];
  exit: ReplicaExit | undefined;
  /** Cancels what is due next: becoming ready, ending, or starting again. */
  cancel: () => void;
}

/** What a cluster keeps of a revision. */
interface Kept {
  readonly run: RevisionRun;
  readonly asked: ObservedRun;
  readonly leaving: readonly string[];
}

/** After this long of being ready, earlier failures are forgotten. */
const stableMs = 10 * 60_000;
const keepOrder: Record<ObservedReplica["state"], number> = { ready: 0, starting: 1, exited: 2, draining: 3 };

/** A backend in memory: no processes, deterministic, driven by a clock. Its knobs make faults and its counters prove that they happened. */
export class FakeBackend implements Backend {
  /** Knob: milliseconds from start to ready, for starts from now on. */
  startMs: number;
  /** Knob: milliseconds from stop to exit, for stops from now on. */
  drainMs: number;
  /** Every action asked for, in order, refused calls included. */
  readonly performed: Action[] = [];
  private readonly clock: Clock;
  private readonly graceMs: number;
  private readonly cluster: boolean;
  private readonly replicas = new Map<string, Replica>();
  /** The same replicas by Model: an observation must not cost more the more Models there are. */
  private readonly byModel = new Map<string, Map<string, Replica>>();
  private readonly kept = new Map<string, Kept>();
  private readonly feeds = new Set<Feed<Key>>();
  private readonly invalidBundles = new Set<string>();
  private readonly unstartable = new Set<string>();
  private readonly stubborn = new Set<string>();
  private readonly problems = new Map<string, PlaceProblem & { readonly namespace: string }>();
  private readonly counts = {
    crashes: 0,
    evictions: 0,
    invalidModels: 0,
    failedStarts: 0,
    ignoredStops: 0,
    failedCalls: 0,
    refusedReplicas: 0,
  };
  private callsToFail = 0;
  private nextPid = 1000;

  constructor(options: FakeBackendOptions) {
    this.clock = options.clock;
    this.startMs = options.startMs ?? 100;
    this.drainMs = options.drainMs ?? 50;
    this.graceMs = options.graceMs ?? 30_000;
    this.cluster = options.kind === "cluster";
  }

  /** The faults that happened so far. */
  get faults(): FakeFaults {
    return { ...this.counts };
  }

  /** Knob: replicas of this bundle end with `ModelInvalid` instead of becoming ready; `false` heals it. */
  invalidModel(bundle: string, broken = true): void {
    if (broken) this.invalidBundles.add(bundle);
    else this.invalidBundles.delete(bundle);
  }

  /** Knob: replicas of this revision end at once with `StartFailed`; `false` heals it. */
  cannotStart(namespace: string, revision: string, broken = true): void {
    if (broken) this.unstartable.add(idOf(namespace, revision));
    else this.unstartable.delete(idOf(namespace, revision));
  }

  /** Knob: replicas of this revision ignore the request to stop and are killed after their grace period. */
  ignoreStop(namespace: string, revision: string): void {
    this.stubborn.add(idOf(namespace, revision));
  }

  /** Knob: the place makes no more replicas of a revision, and says why; without a reason it does again. */
  refuse(namespace: string, revision: string, why?: Omit<PlaceProblem, "revision">): void {
    const id = idOf(namespace, revision);
    if (why === undefined) this.problems.delete(id);
    else this.problems.set(id, { namespace, revision, ...why });
    this.tend(id);
    for (const { spec } of this.replicas.values()) if (spec.revision === revision) this.changed(spec);
  }

  /** Knob: the next `count` calls of `observe` and `perform` are rejected with `unavailable`. */
  failCalls(count: number): void {
    this.callsToFail = count;
  }

  /** Fault: the replica ends now, as if killed, or with the reason given. False when there is none alive. */
  crash(namespace: string, name: string, reason: "Error" | "OOMKilled" = "Error"): boolean {
    const replica = this.replicas.get(idOf(namespace, name));
    if (replica === undefined || replica.state === "exited") return false;
    this.counts.crashes++;
    const message = reason === "OOMKilled" ? "It used more memory than its limit and was killed." : "It was killed by SIGKILL.";
    this.end(replica, { code: null, signal: "SIGKILL", reason, message });
    return true;
  }

  /** Fault, in a cluster: the replica drains and goes though nobody asked, and another takes its place. False when there is none. */
  evict(namespace: string, name: string): boolean {
    const replica = this.replicas.get(idOf(namespace, name));
    if (!this.cluster || replica === undefined || replica.state === "draining") return false;
    this.counts.evictions++;
    this.stop(replica);
    return true;
  }

  /** The load as a cluster sees it: its autoscaling now wants this many. False when it may not scale this revision. */
  autoscale(namespace: string, revision: string, replicas: number): boolean {
    const id = idOf(namespace, revision);
    const kept = this.kept.get(id);
    if (kept?.asked.autoscaling === undefined) return false;
    this.keep(id, { ...kept, asked: { ...kept.asked, replicas: within(kept.asked, replicas) } });
    return true;
  }

  /** What a cluster keeps of a revision. */
  keptOf(namespace: string, revision: string): ObservedRun | undefined {
    return this.kept.get(idOf(namespace, revision))?.asked;
  }

  /** Every replica there is with what it was started as, for tests that look from outside. */
  get all(): readonly FakeReplica[] {
    return [...this.replicas.values()].map((replica) => ({ spec: replica.spec, observed: this.observed(replica) }));
  }

  async observe(model: Key, signal: AbortSignal): Promise<Observed> {
    this.enter(signal);
    const replicas = [...(this.byModel.get(keyId(model))?.values() ?? [])].map((replica) => this.observed(replica));
    const runs = [...this.kept.values()].filter(({ run }) => keyId(keyOf(run)) === keyId(model)).map(({ asked }) => asked);
    const problems = [...this.problems.values()]
      .filter((problem) => problem.namespace === model.namespace)
      .map(({ revision, reason, message }) => ({ revision, reason, message }));
    return { replicas, problems, ...(this.cluster ? { runs } : {}) };
  }

  async perform(action: Action, signal: AbortSignal): Promise<void> {
    this.performed.push(action);
    this.enter(signal);
    if (action.type === "end") this.finish(action);
    else if (this.cluster) this.keepRun(action);
    else this.run(action);
  }

  async *changes(signal: AbortSignal): AsyncIterable<Key> {
    const feed = new Feed<Key>(keyId, signal);
    this.feeds.add(feed);
    try {
      for (const { spec } of this.replicas.values()) feed.push(keyOf(spec));
      for (const { run } of this.kept.values()) feed.push(keyOf(run));
      yield* feed;
    } finally {
      this.feeds.delete(feed);
    }
  }

  private enter(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.callsToFail === 0) return;
    this.callsToFail--;
    this.counts.failedCalls++;
    throw new SlipwayError("unavailable", "The fake backend was told to fail this call.");
  }

  /** As on one machine: what is there to do is done now, and the end of a back-off is only told. */
  private run({ model, revision, replicas, leaving }: Extract<Action, { type: "run" }>): void {
    const run = revisionRun(model, revision);
    this.release(run.namespace, leaving);
    const standing = this.standing(run);
    const ended = standing.filter((replica) => replica.state === "exited");
    let missing = replicas - (standing.length - ended.length);
    for (const replica of ended.slice(0, Math.max(0, missing))) {
      missing--;
      const dueMs = restartsAt(replica) - this.clock.now();
      if (dueMs <= 0) this.begin(replica);
      else {
        replica.cancel();
        replica.cancel = this.clock.after(dueMs, () => this.changed(replica.spec));
      }
    }
    for (let ordinal = 0; missing > 0; ordinal++) {
      const name = `${run.revision}-${ordinal}`;
      if (this.replicas.has(idOf(run.namespace, name))) continue;
      missing--;
      this.start(run, name);
    }
  }

  private keepRun({ model, revision, replicas, leaving, autoscaling }: Extract<Action, { type: "run" }>): void {
    const run = revisionRun(model, revision);
    const id = idOf(run.namespace, run.revision);
    const before = this.kept.get(id);
    const asked: ObservedRun = {
      revision: run.revision,
      replicas: before !== undefined && autoscaling !== undefined ? before.asked.replicas : replicas,
      generation: model.metadata.generation ?? 1,
      ...(autoscaling === undefined ? {} : { autoscaling }),
    };
    // Those of another object of the same name are nobody's concern here but when they are told to leave.
    const foreign = leaving.filter((name) => this.replicas.get(idOf(run.namespace, name))?.spec.owner !== run.owner);
    this.release(run.namespace, foreign);
    this.keep(id, { run, asked: { ...asked, replicas: within(asked, asked.replicas) }, leaving });
  }

  private keep(id: string, kept: Kept): void {
    const same = isDeepStrictEqual(this.kept.get(id)?.asked, kept.asked);
    this.kept.set(id, kept);
    this.tend(id);
    if (!same) this.changed(kept.run);
  }

  /** What a cluster does all the time: as many replicas as are asked for; of too many, those go first that are not ready, then the marked, then the younger. */
  private tend(id: string): void {
    const kept = this.kept.get(id);
    if (kept === undefined) return;
    const { run, asked, leaving } = kept;
    const standing = this.standing(run).sort(
      (a, b) =>
        keepOrder[a.state] - keepOrder[b.state] ||
        Number(leaving.includes(a.spec.name)) - Number(leaving.includes(b.spec.name)) ||
        a.startedAt - b.startedAt,
    );
    for (const replica of standing.slice(asked.replicas)) this.stop(replica);
    for (let missing = asked.replicas - standing.length; missing > 0 && !this.problems.has(id); missing--)
      this.start(run, `${run.revision}-${((this.nextPid * 7919) % 46_656).toString(36).padStart(3, "0")}x`);
    if (asked.replicas > standing.length && this.problems.has(id)) this.counts.refusedReplicas++;
  }

  private finish({ namespace, model, revision }: Extract<Action, { type: "end" }>): void {
    const kept = this.kept.get(idOf(namespace, revision));
    this.kept.delete(idOf(namespace, revision));
    const left = [...(this.byModel.get(idOf(namespace, model))?.values() ?? [])].filter(({ spec }) => spec.revision === revision);
    this.release(
      namespace,
      left.map(({ spec }) => spec.name),
    );
    if (kept !== undefined) this.changed(kept.run);
  }

  private release(namespace: string, names: readonly string[]): void {
    for (const name of names) {
      const replica = this.replicas.get(idOf(namespace, name));
      if (replica !== undefined) this.stop(replica);
    }
  }

  private standing({ namespace, model, revision, owner }: RevisionRun): Replica[] {
    return [...(this.byModel.get(idOf(namespace, model))?.values() ?? [])].filter(
      ({ spec, state }) => spec.revision === revision && spec.owner === owner && state !== "draining",
    );
  }

  private start(run: RevisionRun, name: string): void {
    if (this.problems.has(idOf(run.namespace, run.revision))) {
      this.counts.refusedReplicas++;
      return;
    }
    const spec = { ...run, name };
    const replica: Replica = {
      spec,
      state: "exited",
      pid: 0,
      startedAt: 0,
      readyAt: undefined,
      restarts: 0,
      error: undefined,
      exit: undefined,
      cancel: () => {},
    };
    const known = this.byModel.get(keyId(keyOf(spec))) ?? new Map<string, Replica>();
    this.byModel.set(keyId(keyOf(spec)), known.set(name, replica));
    this.replicas.set(idOf(spec.namespace, name), replica);
    this.begin(replica);
  }

  /** Starts its process, for the first time or again. */
  private begin(replica: Replica): void {
    replica.cancel();
    replica.state = "starting";
    replica.pid = this.nextPid++;
    replica.startedAt = this.clock.now();
    replica.error = undefined;
    if (this.unstartable.has(idOf(replica.spec.namespace, replica.spec.revision))) {
      this.counts.failedStarts++;
      this.end(replica, { code: null, signal: null, reason: "StartFailed", message: "Its process could not be started." });
      return;
    }
    replica.cancel = this.clock.after(this.startMs, () => this.started(replica));
    this.changed(replica.spec);
  }

  private started(replica: Replica): void {
    if (this.invalidBundles.has(replica.spec.bundle)) {
      this.counts.invalidModels++;
      replica.error = toWireError(new SlipwayError("invalid", "The model cannot be loaded."));
      this.end(replica, { code: 5, signal: null, reason: "ModelInvalid", message: "The model cannot be loaded." });
      return;
    }
    replica.state = "ready";
    replica.readyAt = this.clock.monotonic();
    this.changed(replica.spec);
  }

  /** What runs drains; what does not is forgotten. */
  private stop(replica: Replica): void {
    if (replica.state === "draining") return;
    replica.cancel();
    if (replica.state === "exited") {
      this.forget(replica);
      this.tend(idOf(replica.spec.namespace, replica.spec.revision));
      return;
    }
    replica.state = "draining";
    const killed = this.stubborn.has(idOf(replica.spec.namespace, replica.spec.revision)) || this.drainMs > this.graceMs;
    if (killed) this.counts.ignoredStops++;
    replica.cancel = this.clock.after(killed ? this.graceMs : this.drainMs, () =>
      this.end(
        replica,
        killed
          ? { code: null, signal: "SIGKILL", reason: "Error", message: "It did not stop in time and was killed." }
          : { code: 0, signal: null, reason: "Completed", message: "It stopped when asked to." },
      ),
    );
    this.tend(idOf(replica.spec.namespace, replica.spec.revision));
    this.changed(replica.spec);
  }

  private end(replica: Replica, exit: Omit<ReplicaExit, "at">): void {
    replica.cancel();
    const asked = replica.state === "draining";
    if (!asked) replica.restarts = this.restarts(replica) + 1;
    replica.state = "exited";
    replica.readyAt = undefined;
    replica.exit = { at: this.clock.now(), ...exit };
    if (this.cluster && asked) this.forget(replica);
    else if (this.cluster) replica.cancel = this.clock.after(restartsAt(replica) - this.clock.now(), () => this.begin(replica));
    this.changed(replica.spec);
  }

  private forget({ spec }: Replica): void {
    const known = this.byModel.get(keyId(keyOf(spec)));
    known?.delete(spec.name);
    if (known?.size === 0) this.byModel.delete(keyId(keyOf(spec)));
    this.replicas.delete(idOf(spec.namespace, spec.name));
    this.changed(spec);
  }

  private restarts(replica: Replica): number {
    const stable = replica.readyAt !== undefined && this.clock.monotonic() - replica.readyAt >= stableMs;
    return stable ? 0 : replica.restarts;
  }

  private observed(replica: Replica): ObservedReplica {
    const { spec, state, pid, startedAt, error, exit } = replica;
    const reachable = state === "ready" || (state === "draining" && replica.readyAt !== undefined);
    const ended = state === "exited" && exit?.reason !== "Completed";
    return {
      name: spec.name,
      owner: spec.owner,
      revision: spec.revision,
      state,
      startedAt,
      restarts: this.restarts(replica),
      ...(state === "exited" || this.cluster ? {} : { pid }),
      ...(reachable ? { address: `/fake/${spec.namespace}/${spec.name}` } : {}),
      ...(error === undefined ? {} : { error }),
      ...(exit === undefined ? {} : { exit }),
      ...(ended ? { restartsAt: restartsAt(replica) } : {}),
    };
  }

  private changed(of: RevisionRun): void {
    for (const feed of this.feeds) feed.push(keyOf(of));
  }
}

function restartsAt({ exit, restarts }: Replica): number {
  return (exit?.at ?? 0) + backoff(restarts - 1);
}

function within({ autoscaling }: ObservedRun, replicas: number): number {
  if (autoscaling === undefined) return replicas;
  return Math.min(autoscaling.maxReplicas, Math.max(autoscaling.minReplicas, replicas));
}

function idOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function keyOf({ namespace, model }: RevisionRun): Key {
  return { namespace, name: model };
}

function keyId({ namespace, name }: Key): string {
  return idOf(namespace ?? "", name);
}
