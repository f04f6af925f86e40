import type { Autoscaling } from "@slipway/control";
import type { CachedObject } from "../cache/object-cache.ts";

/** What we read of a HorizontalPodAutoscaler. */
export interface AutoscalerObject extends CachedObject {
  readonly spec: {
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly metrics?: readonly {
      readonly type: string;
      readonly resource?: { readonly name: string; readonly target: { readonly averageUtilization?: number } };
    }[];
  };
}

/** What an autoscaler was asked to do, in our words. What is not in our words is left out, and so is seen to differ. */
export function observedAutoscaling({ spec }: AutoscalerObject): Autoscaling {
  return {
    minReplicas: spec.minReplicas ?? 1,
    maxReplicas: spec.maxReplicas,
    metrics: (spec.metrics ?? []).flatMap(({ resource }) => {
      const type = resource?.name;
      const target = resource?.target.averageUtilization;
      return (type === "cpu" || type === "memory") && target !== undefined ? [{ type, target }] : [];
    }),
  };
}
