import { SlipwayError } from "@slipway/base";

/** The plural in the paths of each kind that we read or write and that is not Slipway's own. */
const plurals: Readonly<Record<string, string>> = {
  ConfigMap: "configmaps",
  Deployment: "deployments",
  EndpointSlice: "endpointslices",
  HTTPRoute: "httproutes",
  HorizontalPodAutoscaler: "horizontalpodautoscalers",
  Lease: "leases",
  Model: "models",
  NetworkPolicy: "networkpolicies",
  Node: "nodes",
  Pod: "pods",
  PodDisruptionBudget: "poddisruptionbudgets",
  Revision: "revisions",
  Secret: "secrets",
  Service: "services",
  ServiceAccount: "serviceaccounts",
  TokenReview: "tokenreviews",
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
