import type { Model } from "@slipway/spec";
import type { Autoscaling } from "../backend.ts";
import type { PlanInput, Share } from "./plan-input.ts";
import { sameShares } from "./same-shares.ts";
import { placeAutoscaling, wantedReplicas } from "./wanted-replicas.ts";

/** How many replicas each revision needs. */
export interface SizePlan {
  /** Replicas wanted, by revision; a revision not named here is wound down. */
  readonly wanted: ReadonlyMap<string, number>;
  /** How the place scales them by itself, by revision; empty where control decides the numbers. */
  readonly autoscaling: ReadonlyMap<string, Autoscaling>;
}

/** How requests are split, and how they shall be. */
export interface Splits {
  readonly current: readonly Share[];
  readonly target: readonly Share[];
}

/**
 * How many replicas a share of the requests needs before it takes over. Where the place scales by itself that follows from what runs now, so
 * that under load a rollout does not make the Model smaller.
 */
export function shareSize(input: PlanInput, model: Model, splits: Splits): (share: Share) => number {
  const scaling = placeAutoscaling(model, input.place);
  const all = scaling === undefined ? wantedReplicas(model) : within(scaling, runningNow(input, model, splits));
  return (share) => part(all, share);
}

/** Sizes of what is in force and of what shall be. `sizeOf` is {@link shareSize}'s. */
export function planSizes(
  input: PlanInput,
  model: Model,
  shares: { readonly target: readonly Share[]; readonly inForce: readonly Share[]; readonly sizeOf: (share: Share) => number },
): SizePlan {
  const { target, inForce, sizeOf } = shares;
  const scaling = placeAutoscaling(model, input.place);
  if (scaling !== undefined) {
    const autoscaling = autoscalingOf(scaling, shares);
    const wanted = [...autoscaling].map(([revision, bounds]): [string, number] => [
      revision,
      within(bounds, runningReplicas(input, model, revision)),
    ]);
    return { wanted: new Map(wanted), autoscaling };
  }
  const wanted = new Map(target.map((share) => [share.revision, sizeOf(share)]));
  // What answers now keeps its size until the target takes over; where the target gives it less, it does not grow meanwhile.
  for (const share of inForce) {
    const size = wanted.get(share.revision);
    const kept = sizeOf(share);
    const running = runningReplicas(input, model, share.revision);
    wanted.set(share.revision, size === undefined ? kept : Math.max(size, Math.min(running, kept)));
  }
  return { wanted, autoscaling: new Map() };
}

function autoscalingOf(
  scaling: Autoscaling,
  { target, inForce, sizeOf }: Parameters<typeof planSizes>[2],
): Map<string, Autoscaling> {
  const bounds = new Map(inForce.map((share) => [share.revision, boundsOf(scaling, share)]));
  if (sameShares(target, inForce)) return bounds;
  // It does not have these requests yet: by its own load it would be too small when it takes over.
  for (const share of target) {
    const { maxReplicas } = boundsOf(scaling, share);
    const now = bounds.get(share.revision) ?? boundsOf(scaling, share);
    bounds.set(share.revision, {
      ...now,
      minReplicas: Math.max(now.minReplicas, sizeOf(share)),
      maxReplicas: Math.max(now.maxReplicas, maxReplicas),
    });
  }
  return bounds;
}

/** Replicas that all requests have now, told from the shares that do not grow: those that do may have got more already, for what they will have. */
function runningNow(input: PlanInput, model: Model, { current, target }: Splits): number {
  const percentThen = (revision: string) => target.find((share) => share.revision === revision)?.percent ?? 0;
  const told = current.filter((share) => share.percent > 0 && percentThen(share.revision) <= share.percent);
  const percent = told.reduce((sum, share) => sum + share.percent, 0);
  const running = told.reduce((sum, share) => sum + runningReplicas(input, model, share.revision), 0);
  return percent === 0 ? 0 : Math.ceil((running * 100) / percent);
}

/** How many replicas of a revision the place keeps, ready or not. */
function runningReplicas({ runs, replicas }: PlanInput, model: Model, revision: string): number {
  const kept = runs?.find((run) => run.revision === revision)?.replicas;
  if (kept !== undefined) return kept;
  return replicas.filter(
    (replica) => replica.owner === model.metadata.uid && replica.revision === revision && replica.state !== "draining",
  ).length;
}

function boundsOf({ minReplicas, maxReplicas, metrics }: Autoscaling, share: Share): Autoscaling {
  return { minReplicas: part(minReplicas, share), maxReplicas: part(maxReplicas, share), metrics };
}

function part(whole: number, { percent }: Share): number {
  return Math.max(1, Math.ceil((whole * percent) / 100));
}

function within({ minReplicas, maxReplicas }: Autoscaling, count: number): number {
  return Math.min(maxReplicas, Math.max(minReplicas, count));
}
