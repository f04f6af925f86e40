import { SlipwayError } from "@slipway/base";
import type { Model, Revision } from "@slipway/spec";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { deployment } from "./deployment.ts";
import { horizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { networkPolicy } from "./network-policy.ts";
import { podDisruptionBudget } from "./pod-disruption-budget.ts";
import { replicaConfiguration } from "./replica-configuration.ts";
import type { RevisionParts, RevisionSettings } from "./revision-settings.ts";
import { service } from "./service.ts";
import { serviceAccount } from "./service-account.ts";

/** In the order to apply: the network is closed before the first pod runs, and what a pod needs is there before it. */
const builders: readonly ((parts: RevisionParts) => KubernetesObject | undefined)[] = [
  serviceAccount,
  networkPolicy,
  replicaConfiguration,
  service,
  podDisruptionBudget,
  deployment,
  horizontalPodAutoscaler,
];

/**
 * All objects by which one revision of a Model runs in a cluster, in the order to apply. Pure: the same input gives the same objects.
 * Throws `invalid` when there is no image or it is not named by digest, `internal` when the revision is another Model's.
 */
export function renderRevision(model: Model, revision: Revision, settings: RevisionSettings): KubernetesObject[] {
  const { name, namespace } = model.metadata;
  if (revision.spec.model !== name || revision.metadata.namespace !== namespace || namespace === undefined) {
    throw new SlipwayError("internal", `Revision ${revision.metadata.name} is not one of Model ${name}.`);
  }
  return builders.map((build) => build({ model, revision, settings })).filter((object) => object !== undefined);
}
