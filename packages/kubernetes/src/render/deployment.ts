import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { podTemplate } from "./pod-template.ts";
import { revisionMeta, revisionSelector } from "./revision-meta.ts";
import type { RevisionParts } from "./revision-settings.ts";

/** The Deployment of one revision. Its pods are all alike for ever: another version of the model is another Deployment. */
export function deployment(parts: RevisionParts): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: revisionMeta(parts),
    spec: {
      // With an autoscaler it is only to begin with.
      replicas: parts.settings.replicas,
      selector: { matchLabels: revisionSelector(parts) },
      // Should somebody replace the pods all the same, none goes before its successor answers.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      revisionHistoryLimit: 1,
      progressDeadlineSeconds: 600,
      template: podTemplate(parts),
    },
  };
}
