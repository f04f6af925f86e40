import { percentOf } from "@slipway/spec";
import type { ObservedReplica } from "../backend.ts";
import type { PlanInput, Share } from "./plan-input.ts";
import type { RevisionPlan } from "./plan-revisions.ts";

/** Where requests should go, where they go now, and how many replicas each revision needs. */
export interface TrafficPlan {
  /** What the spec asks for. */
  readonly target: readonly Share[];
  /** What holds after this plan. Equals {@link target} once that is ready. */
  readonly inForce: readonly Share[];
  /** Replicas wanted, by revision; a revision not named here is wound down. */
  readonly wanted: ReadonlyMap<string, number>;
  /** Revisions that the spec's traffic names but that do not exist. */
  readonly unknown: readonly string[];
}

/** Decides the split of requests: a new target takes over only when all its replicas answer, so nobody meets a revision that cannot serve. */
export function planTraffic(input: PlanInput, revisions: RevisionPlan): TrafficPlan {
  const { model } = input;
  if (model === undefined || revisions.latest === undefined) return { target: [], inForce: [], wanted: new Map(), unknown: [] };

  const asked = revisions.clearTraffic
    ? []
    : (model.spec.traffic ?? []).map(({ revision, percent }) => ({ revision, percent: percentOf(percent) }));
  const unknown = asked.map((share) => share.revision).filter((name) => !revisions.all.has(name));
  const current = (model.status?.traffic ?? []).filter((share) => revisions.all.has(share.revision));
  const target: readonly Share[] =
    unknown.length > 0 && current.length > 0
      ? current
      : unknown.length > 0 || asked.length === 0
        ? [{ revision: revisions.latest, percent: 100 }]
        : asked;

  const replicas = model.spec.replicas ?? model.spec.scaling.minReplicas;
  const targetWanted = new Map(target.map((share) => [share.revision, Math.max(1, Math.ceil((replicas * share.percent) / 100))]));
  const ready = (revision: string) => readyReplicas(input, model.metadata.uid!, revision).length;
  const serving = current.some((share) => share.percent > 0 && ready(share.revision) > 0);
  const enough = (share: Share) => ready(share.revision) >= (serving ? targetWanted.get(share.revision)! : 1);
  // With nothing in force yet, the gateway holds requests for the target until it answers.
  const takesOver =
    current.length === 0 || sameShares(current, target) || target.filter((share) => share.percent > 0).every(enough);
  const inForce = takesOver ? target : current;

  const wanted = new Map(targetWanted);
  for (const share of inForce) {
    // The revision that still answers keeps its size until the target takes over.
    if (!wanted.has(share.revision)) wanted.set(share.revision, Math.max(1, Math.ceil((replicas * share.percent) / 100)));
  }
  return { target, inForce, wanted, unknown };
}

/** Ready replicas that belong to this very Model object. */
export function readyReplicas(input: PlanInput, owner: string, revision: string): ObservedReplica[] {
  return input.replicas.filter(
    (replica) =>
      replica.owner === owner && replica.revision === revision && replica.state === "ready" && replica.address !== undefined,
  );
}

/** Whether two splits are the same, whatever their order. */
export function sameShares(a: readonly Share[], b: readonly Share[]): boolean {
  const text = (shares: readonly Share[]) =>
    shares
      .map((share) => `${share.revision}=${share.percent}`)
      .sort()
      .join();
  return text(a) === text(b);
}
