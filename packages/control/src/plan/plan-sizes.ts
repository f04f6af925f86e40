import type { Model } from "@slipway/spec";
import type { Autoscaling } from "../backend.ts";
import type { PlanInput, Share } from "./plan-input.ts";
import { placeAutoscaling, wantedReplicas } from "./wanted-replicas.ts";

/** How many replicas each revision needs. */
export interface SizePlan {
  /** Replicas wanted, by revision; a revision not named here is wound down. */
  readonly wanted: ReadonlyMap<string, number>;
  /** How the place scales them by itself, by revision; empty where control decides the numbers. */
  readonly autoscaling: ReadonlyMap<string, Autoscaling>;
}

/**
 * How many replicas a share of the requests needs. Where the place scales by itself that is a part of what runs now, so that a revision which
 * takes over under load is not smaller than the one before it.
 */
export function shareSize(input: PlanInput, model: Model, current: readonly Share[]): (share: Share) => number {
  const scaling = placeAutoscaling(model, input.place);
  const running = current.reduce((sum, share) => sum + runningReplicas(input, model, share), 0);
  const all = scaling === undefined ? wantedReplicas(model) : within(scaling, running);
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
  const wanted = new Map(target.map((share) => [share.revision, sizeOf(share)]));
  if (scaling === undefined) {
    // What answers now keeps its size until the target takes over; where the target gives it less, it does not grow meanwhile.
    for (const share of inForce) {
      const size = wanted.get(share.revision);
      const kept = sizeOf(share);
      wanted.set(
        share.revision,
        size === undefined ? kept : Math.max(size, Math.min(runningReplicas(input, model, share), kept)),
      );
    }
    return { wanted, autoscaling: new Map() };
  }
  // Nobody sends to the target yet: by its own load it would be small again before it takes over.
  const autoscaling = new Map(
    target.map((share) => [share.revision, { ...boundsOf(scaling, share), minReplicas: sizeOf(share) }]),
  );
  for (const share of inForce) {
    const bounds = boundsOf(scaling, share);
    autoscaling.set(share.revision, bounds);
    wanted.set(share.revision, within(bounds, runningReplicas(input, model, share)));
  }
  return { wanted, autoscaling };
}

/** How many replicas of a revision the place keeps, ready or not. */
function runningReplicas({ runs, replicas }: PlanInput, model: Model, { revision }: Share): number {
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
