import { type Model, type Revision, replicaBounds, revisionName, revisionTemplate } from "@slipway/spec";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { renderRevision } from "./render-revision.ts";
import type { RevisionSettings } from "./revision-settings.ts";

/**
 * All objects of the revision that a Model describes, in the order to apply, exactly as a cluster is given them when the Model is new: as
 * {@link renderRevision} renders them for what control asks of an empty place. A Model that is in no cluster yet has no uid, and its objects name no owner.
 */
export function renderModel(model: Model, { systemNamespace }: Pick<RevisionSettings, "systemNamespace">): KubernetesObject[] {
  const { replicas, scaling } = model.spec;
  const { min, max } = replicaBounds(scaling);
  const { metrics = [] } = scaling;
  const autoscaling = { minReplicas: min, maxReplicas: max, metrics };
  return renderRevision(model, describedRevision(model), {
    systemNamespace,
    replicas: Math.min(max, replicas ?? min),
    // A number set by hand holds: nothing else may change it.
    ...(replicas !== undefined || metrics.length === 0 ? {} : { autoscaling }),
  });
}

/** The first Revision that is made of a Model. */
function describedRevision(model: Model): Revision {
  const { namespace } = model.metadata;
  return {
    apiVersion: model.apiVersion,
    kind: "Revision",
    metadata: { name: revisionName(model), ...(namespace === undefined ? {} : { namespace }) },
    spec: { model: model.metadata.name, number: 1, ...revisionTemplate(model) },
  };
}
