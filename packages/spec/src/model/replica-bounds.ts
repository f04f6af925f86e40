import type { ModelSpec } from "./model-schema.ts";

/**
 * The fewest and most replicas a Model may have. `maxReplicas` that is not set is 10, or minReplicas if that is greater: it is worked out
 * here and never stored, so that raising minReplicas alone is enough, also by a merge patch.
 */
export function replicaBounds(scaling: ModelSpec["scaling"]): { readonly min: number; readonly max: number } {
  return { min: scaling.minReplicas, max: scaling.maxReplicas ?? Math.max(10, scaling.minReplicas) };
}
