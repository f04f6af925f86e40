import type { KubernetesObject, WrittenMeta } from "../objects/kubernetes-object.ts";

/** A rule of a role: what may be done with which kinds of one API group. */
export interface AccessRule {
  readonly apiGroups: readonly [string];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** To look at objects and follow them. */
export const readVerbs = ["get", "list", "watch"] as const;

/** To make objects, change them and end them; a server-side apply needs both `create` and `patch`. */
export const keepVerbs = ["create", "patch", "update", "delete"] as const;

const apiGroup = "rbac.authorization.k8s.io";
const apiVersion = `${apiGroup}/v1`;

/** A ClusterRole, or the Role of a namespace when its metadata names one. */
export function role(metadata: WrittenMeta, rules: readonly AccessRule[]): KubernetesObject {
  return { apiVersion, kind: metadata.namespace === undefined ? "ClusterRole" : "Role", metadata, rules };
}

/** Gives a service account a role: in one namespace when the metadata names one, else everywhere. */
export function roleBinding(
  metadata: WrittenMeta,
  to: { readonly kind: "ClusterRole" | "Role"; readonly name: string },
  account: { readonly name: string; readonly namespace: string },
): KubernetesObject {
  return {
    apiVersion,
    kind: metadata.namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
    metadata,
    roleRef: { apiGroup, kind: to.kind, name: to.name },
    subjects: [{ kind: "ServiceAccount", name: account.name, namespace: account.namespace }],
  };
}
