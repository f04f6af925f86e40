import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { podTemplate } from "./pod-template.ts";
import { revisionMeta, revisionSelector } from "./revision-meta.ts";
import type { RevisionParts } from "./revision-settings.ts";

/** The Deployment of one revision. Its pods are all alike for ever: another version of the model is another Deployment. */
export function deployment(parts: RevisionParts): KubernetesObject {
  const { replicas, autoscaling, exists = false } = parts.settings;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: revisionMeta(parts),
    spec: {
      // One writer of the number: with an autoscaler it is Slipway's only to begin with.
      ...(autoscaling !== undefined && exists ? {} : { replicas }),
      selector: { matchLabels: revisionSelector(parts) },
      // Should somebody replace the pods all the same, none goes before its successor answers.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      revisionHistoryLimit: 1,
      progressDeadlineSeconds: 600,
      template: podTemplate(parts),
    },
  };
}
