import { type KindInfo, kinds } from "@slipway/spec";

/** A resource as discovery tells it. */
export interface DiscoveredResource {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly DiscoveredSubresource[];
}

/** A subresource; its kind may be of another group. */
export interface DiscoveredSubresource {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** One API group at its one version. */
export interface DiscoveredGroup {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly resources: readonly DiscoveredResource[];
}

const objectVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const subresourceVerbs = ["get", "patch", "update"];

/** All groups, from the table of kinds and the reviews. */
export function discoveredGroups(): DiscoveredGroup[] {
  const groups = new Map<string, { group: string; version: string; resources: DiscoveredResource[] }>();
  for (const info of Object.values(kinds) as KindInfo[]) {
    const group = groups.get(info.apiVersion) ?? { group: info.group, version: info.version, resources: [] };
    group.resources.push(resourceOf(info));
    groups.set(info.apiVersion, group);
  }
  return [
    ...groups.values(),
    { group: "authentication.k8s.io", version: "v1", resources: [review("selfsubjectreviews", "SelfSubjectReview")] },
    {
      group: "authorization.k8s.io",
      version: "v1",
      resources: [
        review("selfsubjectaccessreviews", "SelfSubjectAccessReview"),
        review("selfsubjectrulesreviews", "SelfSubjectRulesReview"),
      ],
    },
  ];
}

function resourceOf(info: KindInfo): DiscoveredResource {
  const own = { group: info.group, version: info.version, kind: info.kind, verbs: subresourceVerbs };
  return {
    plural: info.plural,
    singular: info.singular,
    kind: info.kind,
    namespaced: info.namespaced,
    shortNames: info.shortNames,
    categories: info.categories,
    verbs: objectVerbs,
    subresources: [
      ...(info.subresources.scale
        ? [{ name: "scale", group: "autoscaling", version: "v1", kind: "Scale", verbs: subresourceVerbs }]
        : []),
      ...(info.subresources.status ? [{ name: "status", ...own }] : []),
    ],
  };
}

function review(plural: string, kind: string): DiscoveredResource {
  return {
    plural,
    singular: kind.toLowerCase(),
    kind,
    namespaced: false,
    shortNames: [],
    categories: [],
    verbs: ["create"],
    subresources: [],
  };
}
