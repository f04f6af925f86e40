import type { WrittenMeta } from "../objects/kubernetes-object.ts";
import { labels, ownLabels } from "../objects/labels.ts";
import type { InstallParts } from "./install-settings.ts";

/** The platform's own workloads. */
export type Component = "operator" | "gateway";

/** Name of what belongs to a component, in every kind. */
export function componentName(component: Component): string {
  return `slipway-${component}`;
}

/** The labels that select a component's pods, and only them. */
export function componentSelector(component: Component): Readonly<Record<string, string>> {
  return { [labels.partOf]: "slipway", [labels.component]: component };
}

/** Metadata of a cluster-scoped object of the installation. */
export function clusterMeta(parts: InstallParts, name: string, more: Readonly<Record<string, string>> = {}): WrittenMeta {
  const { version, namespace } = parts;
  return { name, labels: { ...ownLabels, [labels.version]: version, [labels.installation]: namespace, ...more } };
}

/** Metadata of an object in the platform's namespace. */
export function systemMeta(parts: InstallParts, name: string, more: Readonly<Record<string, string>> = {}): WrittenMeta {
  const { labels: own, ...rest } = clusterMeta(parts, name, more);
  return { ...rest, namespace: parts.namespace, ...(own && { labels: own }) };
}
