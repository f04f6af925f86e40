import { backoff, type Clock, SlipwayError, toWireError } from "@slipway/base";
import type { ObservedReplica, ReplicaExit, RevisionRun } from "@slipway/control";
import type { Key } from "@slipway/spec";
import type { FaultSwitches } from "./fake-faults.ts";
import { idOf, keyId, keyOf } from "./fake-ids.ts";

/** A replica of a fake as it is now. */
export interface Replica {
  readonly spec: RevisionRun & { readonly name: string };
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

/** After this long of being ready, earlier failures are forgotten. */
const stableMs = 10 * 60_000;

/** How long things take, milliseconds. */
export interface FakeTimes {
  readonly startMs: number;
  readonly drainMs: number;
  readonly graceMs: number;
}

/** What {@link FakeReplicas} tells of. */
export interface ReplicaHooks {
  /** Something of a replica is seen to be otherwise. */
  changed(of: RevisionRun): void;
  /** A replica no longer counts: it drains, or is forgotten. */
  leaving(of: RevisionRun): void;
}

/** The processes of a fake: they start, are ready, drain and end as their clock goes on, and as the faults want. How many there are is others' matter. */
export class FakeReplicas {
  private readonly clock: Clock;
  private readonly faults: FaultSwitches;
  private readonly times: FakeTimes;
  private readonly hooks: ReplicaHooks;
  /** As in a cluster: what ends is started again by itself, what was told to end is forgotten, and process ids are nobody's business. */
  private readonly cluster: boolean;
  private readonly byName = new Map<string, Replica>();
  /** The same replicas by Model: an observation must not cost more the more Models there are. */
  private readonly byModel = new Map<string, Map<string, Replica>>();
  private nextPid = 1000;

  /** `times` is read whenever something begins. */
  constructor(
    options: { readonly clock: Clock; readonly faults: FaultSwitches; readonly times: FakeTimes; readonly cluster: boolean },
    hooks: ReplicaHooks,
  ) {
    this.clock = options.clock;
    this.faults = options.faults;
    this.times = options.times;
    this.cluster = options.cluster;
    this.hooks = hooks;
  }

  get(namespace: string, name: string): Replica | undefined {
    return this.byName.get(idOf(namespace, name));
  }

  get all(): Replica[] {
    return [...this.byName.values()];
  }

  /** The replicas of a Model. */
  of(model: Key): Replica[] {
    return [...(this.byModel.get(keyId(model))?.values() ?? [])];
  }

  /** A name that says nothing, as a cluster gives them. */
  anyName(revision: string): string {
    return `${revision}-${((this.nextPid * 7919) % 46_656).toString(36).padStart(3, "0")}x`;
  }

  /** Tells those of them that are there to end. */
  release(namespace: string, names: readonly string[]): void {
    for (const name of names) {
      const replica = this.get(namespace, name);
      if (replica !== undefined) this.stop(replica);
    }
  }

  /** Those of a revision and its owner that are not on their way out. */
  standing({ namespace, model, revision, owner }: RevisionRun): Replica[] {
    return this.of({ namespace, name: model }).filter(
      ({ spec, state }) => spec.revision === revision && spec.owner === owner && state !== "draining",
    );
  }

  /** Unless the place refuses. */
  start(run: RevisionRun, name: string): void {
    if (this.faults.problems.has(idOf(run.namespace, run.revision))) {
      this.faults.counts.refusedReplicas++;
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
    this.byName.set(idOf(spec.namespace, name), replica);
    this.begin(replica);
  }

  /** Starts its process, for the first time or again. */
  begin(replica: Replica): void {
    replica.cancel();
    replica.state = "starting";
    replica.pid = this.nextPid++;
    replica.startedAt = this.clock.now();
    replica.error = undefined;
    if (this.faults.unstartable.has(idOf(replica.spec.namespace, replica.spec.revision))) {
      this.faults.counts.failedStarts++;
      this.end(replica, { code: null, signal: null, reason: "StartFailed", message: "Its process could not be started." });
      return;
    }
    replica.cancel = this.clock.after(this.times.startMs, () => this.started(replica));
    this.hooks.changed(replica.spec);
  }

  private started(replica: Replica): void {
    if (this.faults.invalidBundles.has(replica.spec.bundle)) {
      this.faults.counts.invalidModels++;
      replica.error = toWireError(new SlipwayError("invalid", "The model cannot be loaded."));
      this.end(replica, { code: 5, signal: null, reason: "ModelInvalid", message: "The model cannot be loaded." });
      return;
    }
    replica.state = "ready";
    replica.readyAt = this.clock.monotonic();
    this.hooks.changed(replica.spec);
  }

  /** What runs drains; what does not is forgotten. */
  stop(replica: Replica): void {
    if (replica.state === "draining") return;
    replica.cancel();
    if (replica.state === "exited") {
      this.forget(replica);
      this.hooks.leaving(replica.spec);
      return;
    }
    replica.state = "draining";
    const killed =
      this.faults.stubborn.has(idOf(replica.spec.namespace, replica.spec.revision)) || this.times.drainMs > this.times.graceMs;
    if (killed) this.faults.counts.ignoredStops++;
    replica.cancel = this.clock.after(killed ? this.times.graceMs : this.times.drainMs, () =>
      this.end(
        replica,
        killed
          ? { code: null, signal: "SIGKILL", reason: "Error", message: "It did not stop in time and was killed." }
          : { code: 0, signal: null, reason: "Completed", message: "It stopped when asked to." },
      ),
    );
    this.hooks.leaving(replica.spec);
    this.hooks.changed(replica.spec);
  }

  end(replica: Replica, exit: Omit<ReplicaExit, "at">): void {
    replica.cancel();
    const asked = replica.state === "draining";
    if (!asked) replica.restarts = this.restarts(replica) + 1;
    replica.state = "exited";
    replica.readyAt = undefined;
    replica.exit = { at: this.clock.now(), ...exit };
    if (this.cluster && asked) this.forget(replica);
    else if (this.cluster) replica.cancel = this.clock.after(restartsAt(replica) - this.clock.now(), () => this.begin(replica));
    this.hooks.changed(replica.spec);
  }

  private forget({ spec }: Replica): void {
    const known = this.byModel.get(keyId(keyOf(spec)));
    known?.delete(spec.name);
    if (known?.size === 0) this.byModel.delete(keyId(keyOf(spec)));
    this.byName.delete(idOf(spec.namespace, spec.name));
    this.hooks.changed(spec);
  }

  private restarts(replica: Replica): number {
    const stable = replica.readyAt !== undefined && this.clock.monotonic() - replica.readyAt >= stableMs;
    return stable ? 0 : replica.restarts;
  }

  observed(replica: Replica): ObservedReplica {
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
}

/** When its place starts an exited replica again. */
export function restartsAt({ exit, restarts }: Replica): number {
  return (exit?.at ?? 0) + backoff(restarts - 1);
}
