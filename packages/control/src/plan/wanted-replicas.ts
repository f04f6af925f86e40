import { type Model, replicaBounds } from "@slipway/spec";

/** How many replicas a Model should have in all: `spec.replicas` if it is set, else the fewest; never more than its bounds allow. */
export function wantedReplicas(model: Model): number {
  const { min, max } = replicaBounds(model.spec.scaling);
  return Math.min(max, model.spec.replicas ?? min);
}
