import { placeAutoscaling, wantedReplicas } from "@slipway/control";
import { type Model, type Revision, revisionName, revisionTemplate } from "@slipway/spec";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { renderRevision } from "./render-revision.ts";
import type { RevisionSettings } from "./revision-settings.ts";

/**
 * All objects of the revision that a Model describes, in the order to apply, exactly as a cluster is given them when the Model is new: as
 * {@link renderRevision} renders them for what control asks of an empty place. A Model that is in no cluster yet has no uid, and its objects name no owner.
 */
export function renderModel(model: Model, { systemNamespace }: Pick<RevisionSettings, "systemNamespace">): KubernetesObject[] {
  const autoscaling = placeAutoscaling(model, { autoscales: true });
  return renderRevision(model, describedRevision(model), {
    systemNamespace,
    replicas: wantedReplicas(model),
    ...(autoscaling && { autoscaling }),
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
