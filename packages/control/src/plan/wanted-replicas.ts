import { type Model, replicaBounds } from "@slipway/spec";
import type { Autoscaling } from "../backend.ts";
import type { Place } from "../place.ts";

/** How many replicas a Model should have in all: `spec.replicas` if it is set, else the fewest; never more than its bounds allow. */
export function wantedReplicas(model: Model): number {
  const { min, max } = replicaBounds(model.spec.scaling);
  return Math.min(max, model.spec.replicas ?? min);
}

/** How the place itself scales this Model; undefined when control decides the number: nobody asked, somebody set `spec.replicas`, or the place cannot. */
export function placeAutoscaling(model: Model, place: Pick<Place, "autoscales">): Autoscaling | undefined {
  const { metrics = [] } = model.spec.scaling;
  if (!place.autoscales || model.spec.replicas !== undefined || metrics.length === 0) return undefined;
  const { min, max } = replicaBounds(model.spec.scaling);
  return { minReplicas: min, maxReplicas: max, metrics };
}
