import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { operatorLease, systemSecrets } from "../objects/names.ts";
import { type AccessRule, keepVerbs, readVerbs, role, roleBinding } from "./access-rule.ts";
import { type Component, clusterMeta, componentName, componentSelector, systemMeta } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

/** Everywhere in the cluster: the platform's own kinds, and a look at what it makes of them. No wildcard, no Secret, no write of anything else. */
const clusterRules: Readonly<Record<Component, readonly AccessRule[]>> = {
  operator: [
    { apiGroups: ["slipway.dev"], resources: ["models"], verbs: [...readVerbs, "patch", "update"] },
    { apiGroups: ["slipway.dev"], resources: ["revisions"], verbs: [...readVerbs, ...keepVerbs] },
    { apiGroups: ["slipway.dev"], resources: ["models/status", "revisions/status"], verbs: ["patch", "update"] },
    // To name a Model or Revision as an owner that waits for what it owns.
    { apiGroups: ["slipway.dev"], resources: ["models/finalizers", "revisions/finalizers"], verbs: ["update"] },
    { apiGroups: ["apps"], resources: ["deployments"], verbs: readVerbs },
    // Nodes for their architecture: an image that no node can run is said so at once.
    { apiGroups: [""], resources: ["pods", "services", "nodes"], verbs: readVerbs },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: readVerbs },
    { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: readVerbs },
    { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: readVerbs },
    { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: readVerbs },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch", "update", "get"] },
  ],
  gateway: [
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: readVerbs },
    // Whose token a request bears.
    { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
  ],
};

/** In the platform's own namespace. A right to create cannot be limited to a name; every other one is. */
const systemRules: Readonly<Record<Component, readonly AccessRule[]>> = {
  operator: [
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
    {
      apiGroups: ["coordination.k8s.io"],
      resources: ["leases"],
      resourceNames: [operatorLease],
      verbs: ["get", "patch", "update"],
    },
    { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
    {
      apiGroups: [""],
      resources: ["secrets"],
      resourceNames: [systemSecrets.authority, systemSecrets.gatewayTls],
      verbs: ["get", "patch", "update"],
    },
  ],
  gateway: [{ apiGroups: [""], resources: ["secrets"], resourceNames: [systemSecrets.apiKeys], verbs: readVerbs }],
};

/** Who the platform's pods are and what each may do, but for what it does in the namespaces of Models. */
export function platformAccess(parts: InstallParts): KubernetesObject[] {
  return (["operator", "gateway"] as const).flatMap((component) => {
    const name = componentName(component);
    const selector = componentSelector(component);
    const account = { name, namespace: parts.namespace };
    const cluster = clusterMeta(parts, name, selector);
    const system = systemMeta(parts, name, selector);
    return [
      // The pods that need a token mount it themselves.
      { apiVersion: "v1", kind: "ServiceAccount", metadata: system, automountServiceAccountToken: false },
      role(cluster, clusterRules[component]),
      roleBinding(cluster, { kind: "ClusterRole", name }, account),
      role(system, systemRules[component]),
      roleBinding(system, { kind: "Role", name }, account),
    ];
  });
}
