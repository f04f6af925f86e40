import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { type AccessRule, keepVerbs, role, roleBinding } from "./access-rule.ts";
import { clusterMeta, componentName, componentSelector } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

/** Name of the role by which Models run in a namespace, and of its binding in each namespace that was opened. */
export const modelsRole = "slipway-models";

/** Every kind that a Model becomes. No list and no watch where only objects of known names are looked at. */
const rules: readonly AccessRule[] = [
  { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", ...keepVerbs] },
  { apiGroups: [""], resources: ["services", "serviceaccounts", "configmaps"], verbs: ["get", ...keepVerbs] },
  // Certificates of Models, and whether a Secret that a Model names is there.
  { apiGroups: [""], resources: ["secrets"], verbs: ["get", "create", "patch", "delete"] },
  // Pods are Kubernetes' to make and end; the patch is the mark on those that shall go first.
  { apiGroups: [""], resources: ["pods"], verbs: ["get", "patch"] },
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: ["get", ...keepVerbs] },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["get", ...keepVerbs] },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: ["get", ...keepVerbs] },
];

/** What the operator may do where an administrator lets Models run; bound in no other namespace. */
export function modelAccess(parts: InstallParts): KubernetesObject[] {
  const selector = componentSelector("operator");
  const account = { name: componentName("operator"), namespace: parts.namespace };
  const metadata = clusterMeta(parts, modelsRole, selector);
  return [
    role(metadata, rules),
    ...parts.modelNamespaces.map((namespace) =>
      roleBinding({ ...metadata, namespace }, { kind: "ClusterRole", name: modelsRole }, account),
    ),
  ];
}
