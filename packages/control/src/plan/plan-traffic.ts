import { percentOf } from "@slipway/spec";
import type { ObservedReplica } from "../backend.ts";
import type { PlanInput, Share } from "./plan-input.ts";
import type { RevisionPlan } from "./plan-revisions.ts";
import { wantedReplicas } from "./wanted-replicas.ts";

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
  const ready = (revision: string) => readyReplicas(input, model.metadata.uid!, revision).length;
  // A revision whose object is gone cannot start again, but what still answers for it goes on until something else does.
  const current = wholeSplit(
    (model.status?.traffic ?? []).filter(({ revision }) => revisions.all.has(revision) || ready(revision) > 0),
  );
  const target: readonly Share[] =
    unknown.length > 0 && current.length > 0
      ? current
      : unknown.length > 0 || asked.length === 0
        ? [{ revision: revisions.latest, percent: 100 }]
        : asked;

  const replicas = wantedReplicas(model);
  const sizeOf = ({ percent }: Share) => Math.max(1, Math.ceil((replicas * percent) / 100));
  const serving = current.some((share) => share.percent > 0 && ready(share.revision) > 0);
  const enough = (share: Share) => ready(share.revision) >= (serving ? sizeOf(share) : 1);
  // With nothing in force yet, the gateway holds requests for the target until it answers.
  const takesOver =
    current.length === 0 || sameShares(current, target) || target.filter((share) => share.percent > 0).every(enough);
  const inForce = takesOver ? target : current;

  const wanted = new Map(target.map((share) => [share.revision, sizeOf(share)]));
  // What answers now keeps its size until the target takes over; where the target gives it less, it does not grow meanwhile.
  for (const share of inForce) {
    const size = wanted.get(share.revision);
    const running = input.replicas.filter(
      (replica) => replica.owner === model.metadata.uid && replica.revision === share.revision,
    );
    if (size === undefined) wanted.set(share.revision, sizeOf(share));
    else wanted.set(share.revision, Math.max(size, Math.min(running.length, sizeOf(share))));
  }
  return { target, inForce, wanted, unknown };
}

/** The same split in whole percent of 100, when a revision that had a share is gone; empty if none is left. */
function wholeSplit(shares: readonly Share[]): readonly Share[] {
  const sum = shares.reduce((total, share) => total + share.percent, 0);
  if (sum === 100) return shares;
  if (sum === 0) return [];
  const scaled = shares.map(({ revision, percent }) => ({ revision, percent: Math.floor((percent * 100) / sum) }));
  const rest = 100 - scaled.reduce((total, share) => total + share.percent, 0);
  const largest = scaled.reduce((most, share) => (share.percent > most.percent ? share : most));
  return scaled.map((share) => (share === largest ? { ...share, percent: share.percent + rest } : share));
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
