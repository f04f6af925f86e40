import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { revisionMeta, revisionSelector } from "./revision-meta.ts";
import type { RevisionParts } from "./revision-settings.ts";

/** At most one replica of a revision is evicted at a time. A single one may be: a node must always be drainable, and the gateway holds requests meanwhile. */
export function podDisruptionBudget(parts: RevisionParts): KubernetesObject {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: revisionMeta(parts),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: revisionSelector(parts) },
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}
