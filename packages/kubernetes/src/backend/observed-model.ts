import type { Observed, ObservedRun, PlaceProblem } from "@slipway/control";
import type { Key } from "@slipway/spec";
import { type ClusterCaches, modelGroup } from "../cache/cluster-caches.ts";
import { labels } from "../objects/labels.ts";
import type { DeploymentObject } from "./deployment-object.ts";
import { deploymentProblem } from "./deployment-problem.ts";
import { fromEntry, readInventory } from "./inventory.ts";
import { observedAutoscaling } from "./observed-autoscaling.ts";
import { observedReplica } from "./observed-replica.ts";
import { revisionAnnotations } from "./revision-annotations.ts";

/** What a cluster has of one Model, as the caches know it; in an order that does not change. `version` is the platform's own. */
export function observedModel(caches: ClusterCaches, model: Key, version: string): Observed {
  const group = modelGroup(model.namespace, model.name);
  const replicas = caches.pods.group(group).map(observedReplica);
  const deployments = caches.deployments.group(group).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return {
    replicas: replicas.filter((replica) => replica !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1)),
    problems: deployments.map(deploymentProblem).filter((problem): problem is PlaceProblem => problem !== undefined),
    runs: deployments
      .map((deployment) => observedRun(caches, deployment, version))
      .sort((a, b) => (a.revision < b.revision ? -1 : 1)),
  };
}

function observedRun(caches: ClusterCaches, deployment: DeploymentObject, version: string): ObservedRun {
  const { metadata, spec } = deployment;
  const { annotations = {}, name, namespace } = metadata;
  const autoscaler = caches.autoscalers.get(namespace, name);
  const current = annotations[revisionAnnotations.renderedBy] === version && missingBeside(caches, deployment).length === 0;
  return {
    revision: metadata.labels?.[labels.revision] ?? name,
    replicas: spec.replicas ?? 1,
    generation: current ? Number(annotations[revisionAnnotations.generation] ?? 0) : 0,
    ...(autoscaler && { autoscaling: observedAutoscaling(autoscaler) }),
  };
}

/** Entries of the inventory of what is no longer there, as far as it is watched. */
export function missingBeside(caches: ClusterCaches, { metadata }: DeploymentObject): string[] {
  const { annotations = {}, namespace } = metadata;
  const inventory = {
    ...readInventory(annotations[revisionAnnotations.own]),
    ...readInventory(annotations[revisionAnnotations.shared]),
  };
  return Object.keys(inventory).filter((entry) => {
    const { kind, name } = fromEntry(entry);
    const cache = caches.beside(kind);
    return cache !== undefined && cache.get(namespace, name) === undefined;
  });
}
