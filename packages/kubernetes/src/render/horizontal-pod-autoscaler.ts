import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { revisionMeta } from "./revision-meta.ts";
import type { RevisionParts } from "./revision-settings.ts";

/** Seconds that usage must be low before a replica goes: a model takes a while to load, and load that goes often comes back. */
const scaleDownWindowSeconds = 120;

/** What scales a revision by CPU or memory; undefined where Slipway sets the number of replicas itself. */
export function horizontalPodAutoscaler(parts: RevisionParts): KubernetesObject | undefined {
  const { autoscaling } = parts.settings;
  if (autoscaling === undefined) return undefined;
  const { minReplicas, maxReplicas, metrics } = autoscaling;
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: revisionMeta(parts),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: parts.revision.metadata.name },
      minReplicas,
      maxReplicas,
      metrics: metrics.map(({ type, target }) => ({
        type: "Resource",
        resource: { name: type, target: { type: "Utilization", averageUtilization: target } },
      })),
      behavior: { scaleDown: { stabilizationWindowSeconds: scaleDownWindowSeconds } },
    },
  };
}
