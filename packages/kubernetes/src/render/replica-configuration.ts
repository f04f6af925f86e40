import { type RevisionRun, revisionRun } from "@slipway/control";
import { containers } from "../objects/containers.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { revisionMeta } from "./revision-meta.ts";
import type { RevisionParts } from "./revision-settings.ts";

/** What a pod reads to serve its revision: as on one machine, without what only the pod itself knows. */
export type PodReplicaSpec = Omit<RevisionRun, "owner">;

/** The ConfigMap with a revision's {@link PodReplicaSpec}. It may change, as the samples policy does: replicas that start later read the new one. */
export function replicaConfiguration(parts: RevisionParts): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: revisionMeta(parts),
    data: { [containers.paths.replicaSpec]: `${JSON.stringify(podReplicaSpec(parts), undefined, 2)}\n` },
  };
}

function podReplicaSpec({ model, revision }: RevisionParts): PodReplicaSpec {
  const { owner: _, ...spec } = revisionRun(model, revision);
  return spec;
}
