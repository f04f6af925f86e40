import { type CustomResourceDefinition, crd } from "@slipway/spec";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { clusterMeta } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

/** The kinds of Slipway, with the schema, defaults, rules and columns they have on one machine. */
export function customResources(parts: InstallParts): KubernetesObject[] {
  return (["Model", "Revision"] as const).map((kind) => {
    const definition = kind === "Model" ? notYetObserved(crd(kind)) : crd(kind);
    return { ...definition, metadata: clusterMeta(parts, definition.metadata.name) };
  });
}

/**
 * A Model that no operator has looked at has a status that says so. What waits for objects in a cluster (kstatus, and so Flux) takes one without
 * a status for one that is as it shall be.
 */
function notYetObserved(definition: CustomResourceDefinition): CustomResourceDefinition {
  const versions = definition.spec.versions.map((version) => {
    const { openAPIV3Schema } = version.schema;
    const { properties = {} } = openAPIV3Schema;
    const status = { ...properties.status, default: { observedGeneration: 0 } };
    return { ...version, schema: { openAPIV3Schema: { ...openAPIV3Schema, properties: { ...properties, status } } } };
  });
  return { ...definition, spec: { ...definition.spec, versions } };
}
