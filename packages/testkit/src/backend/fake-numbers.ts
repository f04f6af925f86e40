import { isDeepStrictEqual } from "node:util";
import { type Action, type ObservedReplica, type ObservedRun, type RevisionRun, revisionRun } from "@slipway/control";
import type { Key } from "@slipway/spec";
import type { FaultSwitches } from "./fake-faults.ts";
import { idOf, keyId, keyOf } from "./fake-ids.ts";
import type { FakeReplicas } from "./fake-replicas.ts";

/** What a cluster keeps of a revision. */
interface Kept {
  readonly run: RevisionRun;
  readonly asked: ObservedRun;
  readonly leaving: readonly string[];
}

const keepOrder: Record<ObservedReplica["state"], number> = { ready: 0, starting: 1, exited: 2, draining: 3 };

/** The numbers that a fake cluster keeps by itself, one per revision, as Deployments do. */
export class FakeNumbers {
  private readonly replicas: FakeReplicas;
  private readonly faults: FaultSwitches;
  private readonly changed: (of: RevisionRun) => void;
  private readonly kept = new Map<string, Kept>();

  constructor(replicas: FakeReplicas, faults: FaultSwitches, changed: (of: RevisionRun) => void) {
    this.replicas = replicas;
    this.faults = faults;
    this.changed = changed;
  }

  get all(): RevisionRun[] {
    return [...this.kept.values()].map(({ run }) => run);
  }

  get(namespace: string, revision: string): ObservedRun | undefined {
    return this.kept.get(idOf(namespace, revision))?.asked;
  }

  /** Those of a Model. */
  of(model: Key): ObservedRun[] {
    return [...this.kept.values()].filter(({ run }) => keyId(keyOf(run)) === keyId(model)).map(({ asked }) => asked);
  }

  /** Keeps nothing of a revision any more. */
  end(namespace: string, revision: string): void {
    const kept = this.kept.get(idOf(namespace, revision));
    this.kept.delete(idOf(namespace, revision));
    if (kept !== undefined) this.changed(kept.run);
  }

  /** False when it may not scale this revision by itself. */
  scale(namespace: string, revision: string, replicas: number): boolean {
    const id = idOf(namespace, revision);
    const kept = this.kept.get(id);
    if (kept?.asked.autoscaling === undefined) return false;
    this.keep(id, { ...kept, asked: { ...kept.asked, replicas: within(kept.asked, replicas) } });
    return true;
  }

  /** Keeps this many from now on. */
  run({ model, revision, replicas, leaving, autoscaling }: Extract<Action, { type: "run" }>): void {
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
    const foreign = leaving.filter((name) => this.replicas.get(run.namespace, name)?.spec.owner !== run.owner);
    this.replicas.release(run.namespace, foreign);
    this.keep(id, { run, asked: { ...asked, replicas: within(asked, asked.replicas) }, leaving });
  }

  private keep(id: string, kept: Kept): void {
    const same = isDeepStrictEqual(this.kept.get(id)?.asked, kept.asked);
    this.kept.set(id, kept);
    this.tend(id);
    if (!same) this.changed(kept.run);
  }

  /** What a cluster does all the time: as many replicas as are asked for; of too many, those go first that are not ready, then the marked, then the younger. */
  tend(id: string): void {
    const kept = this.kept.get(id);
    if (kept === undefined) return;
    const { run, asked, leaving } = kept;
    const standing = this.replicas
      .standing(run)
      .sort(
        (a, b) =>
          keepOrder[a.state] - keepOrder[b.state] ||
          Number(leaving.includes(a.spec.name)) - Number(leaving.includes(b.spec.name)) ||
          a.startedAt - b.startedAt,
      );
    for (const replica of standing.slice(asked.replicas)) this.replicas.stop(replica);
    for (let missing = asked.replicas - standing.length; missing > 0 && !this.faults.problems.has(id); missing--)
      this.replicas.start(run, this.replicas.anyName(run.revision));
    if (asked.replicas > standing.length && this.faults.problems.has(id)) this.faults.counts.refusedReplicas++;
  }
}

function within({ autoscaling }: ObservedRun, replicas: number): number {
  if (autoscaling === undefined) return replicas;
  return Math.min(autoscaling.maxReplicas, Math.max(autoscaling.minReplicas, replicas));
}
