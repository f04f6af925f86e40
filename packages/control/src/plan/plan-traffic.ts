import { percentOf } from "@slipway/spec";
import type { ObservedReplica } from "../backend.ts";
import type { PlanInput, Share } from "./plan-input.ts";
import type { RevisionPlan } from "./plan-revisions.ts";
import { planSizes, type SizePlan, shareSize } from "./plan-sizes.ts";
import { sameShares } from "./same-shares.ts";

/** Where requests should go, where they go now, and how many replicas each revision needs for it. */
export interface TrafficPlan extends SizePlan {
  /** What the spec asks for. */
  readonly target: readonly Share[];
  /** What holds after this plan. Equals {@link target} once that is ready. */
  readonly inForce: readonly Share[];
  /** Revisions that the spec's traffic names but that do not exist. */
  readonly unknown: readonly string[];
}

const nothing: TrafficPlan = { target: [], inForce: [], wanted: new Map(), autoscaling: new Map(), unknown: [] };

/** Decides the split of requests: a new target takes over only when all its replicas answer, so nobody meets a revision that cannot serve. */
export function planTraffic(input: PlanInput, revisions: RevisionPlan): TrafficPlan {
  const { model } = input;
  if (model === undefined || revisions.latest === undefined) return nothing;

  const asked = revisions.clearTraffic
    ? []
    : (model.spec.traffic ?? []).map(({ revision, percent }) => ({ revision, percent: percentOf(percent) }));
  const unknown = asked.map((share) => share.revision).filter((name) => !revisions.all.has(name));
  const ready = (revision: string) => readyReplicas(input, model.metadata.uid!, revision).length;
  // A revision whose object is gone cannot start again, but what still answers for it goes on until something else does.
  const remembered = (model.status?.traffic ?? []).filter(({ revision }) => revisions.all.has(revision) || ready(revision) > 0);
  const answering = published(input).filter(({ revision }) => ready(revision) > 0);
  const current = wholeSplit(remembered.length > 0 ? remembered : answering);
  const target: readonly Share[] =
    unknown.length > 0 && current.length > 0
      ? current
      : unknown.length > 0 || asked.length === 0
        ? revisions.refused === undefined
          ? [{ revision: revisions.latest, percent: 100 }]
          : current
        : asked;

  const sizeOf = shareSize(input, model, { current, target });
  const serving = current.some((share) => share.percent > 0 && ready(share.revision) > 0);
  const enough = (share: Share) => ready(share.revision) >= (serving ? sizeOf(share) : 1);
  // With nothing in force yet, the gateway holds requests for the target until it answers.
  const takesOver =
    current.length === 0 || sameShares(current, target) || target.filter((share) => share.percent > 0).every(enough);
  const inForce = takesOver ? target : current;
  return { target, inForce, ...planSizes(input, model, { target, inForce, sizeOf }), unknown };
}

/** The split by the newest table: what is in force when no status could be written yet, as on a full disk. */
function published({ routing }: PlanInput): readonly Share[] {
  const revisions = routing.published?.revisions ?? [];
  return revisions.filter(({ percent }) => percent > 0).map(({ name, percent }) => ({ revision: name, percent }));
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
