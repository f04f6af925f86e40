import { crd } from "@slipway/spec";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { clusterMeta } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

/** The kinds of Slipway, with the schema, defaults, rules and columns they have on one machine. */
export function customResources(parts: InstallParts): KubernetesObject[] {
  return (["Model", "Revision"] as const).map((kind) => {
    const definition = crd(kind);
    return { ...definition, metadata: clusterMeta(parts, definition.metadata.name) };
  });
}
