import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { type Component, clusterMeta, componentName, componentSelector, systemMeta } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

interface Rule {
  readonly apiGroups: readonly [string];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const read = ["get", "list", "watch"] as const;
const keep = ["create", "patch", "update", "delete"] as const;

/** Every right in the cluster there is to give: none with a wildcard, none on Secrets, none on the workloads of others beyond their kind. */
const clusterRules: Readonly<Record<Component, readonly Rule[]>> = {
  operator: [
    { apiGroups: ["slipway.dev"], resources: ["models"], verbs: [...read, "patch", "update"] },
    { apiGroups: ["slipway.dev"], resources: ["revisions"], verbs: [...read, ...keep] },
    { apiGroups: ["slipway.dev"], resources: ["models/status", "revisions/status"], verbs: ["patch", "update"] },
    // To name a Model or Revision as an owner that waits for what it owns.
    { apiGroups: ["slipway.dev"], resources: ["models/finalizers", "revisions/finalizers"], verbs: ["update"] },
    { apiGroups: ["apps"], resources: ["deployments"], verbs: [...read, ...keep] },
    // Pods are Kubernetes' to make and end; the patch is the mark on those that shall go first.
    { apiGroups: [""], resources: ["pods"], verbs: [...read, "patch"] },
    { apiGroups: [""], resources: ["services"], verbs: [...read, ...keep] },
    // No list and no watch: only those whose names are known are looked at.
    { apiGroups: [""], resources: ["configmaps", "serviceaccounts"], verbs: ["get", ...keep] },
    { apiGroups: [""], resources: ["events"], verbs: ["get", "create", "patch", "update"] },
    { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: [...read, ...keep] },
    { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: [...read, ...keep] },
  ],
  gateway: [{ apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read }],
};

/** Who the platform's pods are and what each may do. */
export function access(parts: InstallParts): KubernetesObject[] {
  const components: readonly Component[] = ["operator", "gateway"];
  return [...components.flatMap((component) => clusterAccess(parts, component)), ...leaderElection(parts)];
}

function clusterAccess(parts: InstallParts, component: Component): KubernetesObject[] {
  const name = componentName(component);
  const selector = componentSelector(component);
  return [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: systemMeta(parts, name, selector),
      // The pods that need a token mount it themselves.
      automountServiceAccountToken: false,
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: clusterMeta(parts, name, selector),
      rules: clusterRules[component],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: clusterMeta(parts, name, selector),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace: parts.namespace }],
    },
  ];
}

/** One Lease decides which operator acts. A right to create cannot be limited to a name. */
function leaderElection(parts: InstallParts): KubernetesObject[] {
  const name = componentName("operator");
  const metadata = systemMeta(parts, `${name}-leader`, componentSelector("operator"));
  const rules: readonly Rule[] = [
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], resourceNames: [name], verbs: ["get", "patch", "update"] },
  ];
  return [
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata, rules },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
      subjects: [{ kind: "ServiceAccount", name, namespace: parts.namespace }],
    },
  ];
}
