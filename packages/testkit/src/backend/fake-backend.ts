import { type Clock, SlipwayError, toWireError } from "@slipway/base";
import type { Action, Backend, ObservedReplica, ReplicaExit, ReplicaSpec } from "@slipway/control";
import type { Key } from "@slipway/spec";
import { KeyFeed } from "./key-feed.ts";

/** How a {@link FakeBackend} is made. */
export interface FakeBackendOptions {
  /** All the fake's time; a `VirtualClock` makes it deterministic. */
  readonly clock: Clock;
  /** Milliseconds from start to ready. Default 100. */
  readonly startMs?: number;
  /** Milliseconds from stop to exit. Default 50. */
  readonly drainMs?: number;
}

/** How often each fault really happened. */
export interface FakeFaults {
  readonly crashes: number;
  readonly invalidModels: number;
  readonly failedStarts: number;
  readonly ignoredStops: number;
  readonly failedCalls: number;
}

interface Replica {
  readonly spec: ReplicaSpec;
  state: ObservedReplica["state"];
  pid: number;
  startedAt: number;
  readyAt: number | undefined;
  restarts: number;
  error: ObservedReplica["error"];
  exit: ReplicaExit | undefined;
  /** Cancels what is due next: becoming ready, or ending. */
  cancel: () => void;
}

/** After this long of being ready, earlier failures are forgotten. */
const stableMs = 10 * 60_000;

/** A backend in memory: no processes, deterministic, driven by a clock. Its knobs make faults and its counters prove that they happened. */
export class FakeBackend implements Backend {
  /** Knob: milliseconds from start to ready, for starts from now on. */
  startMs: number;
  /** Knob: milliseconds from stop to exit, for stops from now on. */
  drainMs: number;
  /** Every action asked for, in order, refused calls included. */
  readonly performed: Action[] = [];
  private readonly clock: Clock;
  private readonly replicas = new Map<string, Replica>();
  /** The same replicas by Model: an observation must not cost more the more Models there are. */
  private readonly byModel = new Map<string, Map<string, Replica>>();
  private readonly feeds = new Set<KeyFeed>();
  private readonly invalidBundles = new Set<string>();
  private readonly unstartable = new Set<string>();
  private readonly stubborn = new Set<string>();
  private readonly counts = { crashes: 0, invalidModels: 0, failedStarts: 0, ignoredStops: 0, failedCalls: 0 };
  private callsToFail = 0;
  private nextPid = 1000;

  constructor(options: FakeBackendOptions) {
    this.clock = options.clock;
    this.startMs = options.startMs ?? 100;
    this.drainMs = options.drainMs ?? 50;
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

  /** Knob: a replica of this name ends at once with `StartFailed`; `false` heals it. */
  cannotStart(namespace: string, name: string, broken = true): void {
    if (broken) this.unstartable.add(idOf(namespace, name));
    else this.unstartable.delete(idOf(namespace, name));
  }

  /** Knob: a replica of this name ignores the request to stop and is killed after its grace period. */
  ignoreStop(namespace: string, name: string): void {
    this.stubborn.add(idOf(namespace, name));
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

  /** Every replica there is with what it was started as, for tests that look from outside. */
  get all(): readonly { readonly spec: ReplicaSpec; readonly observed: ObservedReplica }[] {
    return [...this.replicas.values()].map((replica) => ({ spec: replica.spec, observed: this.observed(replica) }));
  }

  async observe(model: Key, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    this.enter(signal);
    const replicas = this.byModel.get(`${model.namespace}/${model.name}`);
    return replicas === undefined ? [] : [...replicas.values()].map((replica) => this.observed(replica));
  }

  async perform(action: Action, signal: AbortSignal): Promise<void> {
    this.performed.push(action);
    this.enter(signal);
    if (action.type === "start") {
      this.start(action.replica);
      return;
    }
    const id = idOf(action.namespace, action.name);
    const replica = this.replicas.get(id);
    if (replica === undefined) return;
    if (action.type === "stop") {
      this.stop(id, replica, action.graceMs);
    } else if (replica.state === "exited") {
      this.remove(id, replica);
      this.changed(replica);
    }
  }

  async *changes(signal: AbortSignal): AsyncIterable<Key> {
    const feed = new KeyFeed(signal);
    this.feeds.add(feed);
    try {
      for (const { spec } of this.replicas.values()) feed.push(keyOf(spec));
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

  private start(spec: ReplicaSpec): void {
    const id = idOf(spec.namespace, spec.name);
    const known = this.replicas.get(id);
    if (known !== undefined && known.state !== "exited") return;
    const before = known?.spec.owner === spec.owner ? known : undefined;
    const replica: Replica = {
      spec,
      state: "starting",
      pid: this.nextPid++,
      startedAt: this.clock.now(),
      readyAt: undefined,
      restarts: before?.restarts ?? 0,
      error: undefined,
      exit: before?.exit,
      cancel: () => {},
    };
    this.put(id, replica);
    if (this.unstartable.has(id)) {
      this.counts.failedStarts++;
      this.end(replica, { code: null, signal: null, reason: "StartFailed", message: "Its process could not be started." });
      return;
    }
    replica.cancel = this.clock.after(this.startMs, () => this.started(replica));
    this.changed(replica);
  }

  private put(id: string, replica: Replica): void {
    const model = modelId(replica.spec);
    const known = this.byModel.get(model) ?? new Map<string, Replica>();
    this.byModel.set(model, known.set(id, replica));
    this.replicas.set(id, replica);
  }

  private remove(id: string, replica: Replica): void {
    const model = modelId(replica.spec);
    const known = this.byModel.get(model);
    known?.delete(id);
    if (known?.size === 0) this.byModel.delete(model);
    this.replicas.delete(id);
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
    this.changed(replica);
  }

  private stop(id: string, replica: Replica, graceMs: number): void {
    if (replica.state === "exited" || replica.state === "draining") return;
    replica.cancel();
    replica.state = "draining";
    const killed = this.stubborn.has(id) || this.drainMs > graceMs;
    if (killed) this.counts.ignoredStops++;
    replica.cancel = this.clock.after(killed ? graceMs : this.drainMs, () =>
      this.end(
        replica,
        killed
          ? { code: null, signal: "SIGKILL", reason: "Error", message: "It did not stop in time and was killed." }
          : { code: 0, signal: null, reason: "Completed", message: "It stopped when asked to." },
      ),
    );
    this.changed(replica);
  }

  private end(replica: Replica, exit: Omit<ReplicaExit, "at">): void {
    replica.cancel();
    const asked = replica.state === "draining";
    if (!asked) replica.restarts = this.restarts(replica) + 1;
    replica.state = "exited";
    replica.readyAt = undefined;
    replica.exit = { at: this.clock.now(), ...exit };
    this.changed(replica);
  }

  private restarts(replica: Replica): number {
    const stable = replica.readyAt !== undefined && this.clock.monotonic() - replica.readyAt >= stableMs;
    return stable ? 0 : replica.restarts;
  }

  private observed(replica: Replica): ObservedReplica {
    const { spec, state, pid, startedAt, error, exit } = replica;
    const reachable = state === "ready" || (state === "draining" && replica.readyAt !== undefined);
    return {
      name: spec.name,
      owner: spec.owner,
      revision: spec.revision,
      state,
      startedAt,
      restarts: this.restarts(replica),
      ...(state === "exited" ? {} : { pid }),
      ...(reachable ? { address: `/fake/${spec.namespace}/${spec.name}` } : {}),
      ...(error === undefined ? {} : { error }),
      ...(exit === undefined ? {} : { exit }),
    };
  }

  private changed(replica: Replica): void {
    for (const feed of this.feeds) feed.push(keyOf(replica.spec));
  }
}

function idOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function modelId(spec: ReplicaSpec): string {
  return `${spec.namespace}/${spec.model}`;
}

function keyOf(spec: ReplicaSpec): Key {
  return { namespace: spec.namespace, name: spec.model };
}
