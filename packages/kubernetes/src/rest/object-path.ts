import { SlipwayError } from "@slipway/base";

/** The plural in the paths of each kind that we read or write and that is not Slipway's own. */
const plurals: Readonly<Record<string, string>> = {
  ClusterRole: "clusterroles",
  ClusterRoleBinding: "clusterrolebindings",
  ConfigMap: "configmaps",
  CustomResourceDefinition: "customresourcedefinitions",
  DaemonSet: "daemonsets",
  Deployment: "deployments",
  EndpointSlice: "endpointslices",
  HTTPRoute: "httproutes",
  HorizontalPodAutoscaler: "horizontalpodautoscalers",
  Lease: "leases",
  Model: "models",
  Namespace: "namespaces",
  NetworkPolicy: "networkpolicies",
  Node: "nodes",
  Pod: "pods",
  PodDisruptionBudget: "poddisruptionbudgets",
  Revision: "revisions",
  Role: "roles",
  RoleBinding: "rolebindings",
  Secret: "secrets",
  SelfSubjectAccessReview: "selfsubjectaccessreviews",
  Service: "services",
  ServiceAccount: "serviceaccounts",
  TokenReview: "tokenreviews",
  ValidatingAdmissionPolicy: "validatingadmissionpolicies",
  ValidatingAdmissionPolicyBinding: "validatingadmissionpolicybindings",
};

/** Where a kind is served: `apps/v1`, `Deployment`. */
export interface ObjectKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Path of all objects of a kind, of those in one namespace, or of one object. Names are escaped. */
export function objectPath({ apiVersion, kind }: ObjectKind, where: { namespace?: string; name?: string } = {}): string {
  const plural = plurals[kind];
  if (plural === undefined) throw new SlipwayError("internal", `The plural of the kind ${kind} is not known.`);
  const parts = [apiVersion.includes("/") ? "apis" : "api", ...apiVersion.split("/")];
  if (where.namespace !== undefined) parts.push("namespaces", where.namespace);
  parts.push(plural);
  if (where.name !== undefined) parts.push(where.name);
  return `/${parts.map(encodeURIComponent).join("/")}`;
}
