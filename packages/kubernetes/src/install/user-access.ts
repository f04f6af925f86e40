import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { readVerbs, role } from "./access-rule.ts";
import { clusterMeta } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

const aggregateTo = (roles: readonly string[]) =>
  Object.fromEntries(roles.map((name) => [`rbac.authorization.k8s.io/aggregate-to-${name}`, "true"]));

/** People: who may view or edit a namespace by Kubernetes' own roles may do the same with its Models. */
export function userAccess(parts: InstallParts): KubernetesObject[] {
  return [
    role(clusterMeta(parts, "slipway-view", aggregateTo(["view", "edit", "admin"])), [
      { apiGroups: ["slipway.dev"], resources: ["models", "models/status", "models/scale", "revisions"], verbs: readVerbs },
    ]),
    role(clusterMeta(parts, "slipway-edit", aggregateTo(["edit", "admin"])), [
      { apiGroups: ["slipway.dev"], resources: ["models"], verbs: ["create", "patch", "update", "delete"] },
      { apiGroups: ["slipway.dev"], resources: ["models/scale"], verbs: ["get", "patch", "update"] },
    ]),
  ];
}
