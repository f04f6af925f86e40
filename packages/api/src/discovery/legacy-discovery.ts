import type { DiscoveredGroup } from "./groups.ts";

/** `metav1.APIVersions` of `/api`. */
export function apiVersions(): unknown {
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
}

/** `metav1.APIGroupList` of `/apis`. */
export function apiGroupList(groups: readonly DiscoveredGroup[]): unknown {
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups.filter(({ group }) => group !== "").map(groupFields) };
}

/** `metav1.APIGroup` of `/apis/GROUP`. */
export function apiGroup(group: DiscoveredGroup): unknown {
  return { kind: "APIGroup", apiVersion: "v1", ...groupFields(group) };
}

/** `metav1.APIResourceList` of one group and version. */
export function apiResourceList(group: DiscoveredGroup): unknown {
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: groupVersion(group),
    resources: group.resources.flatMap((resource) => [
      {
        name: resource.plural,
        singularName: resource.singular,
        namespaced: resource.namespaced,
        kind: resource.kind,
        verbs: resource.verbs,
        ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
        ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
      },
      ...resource.subresources.map((subresource) => ({
        name: `${resource.plural}/${subresource.name}`,
        singularName: "",
        namespaced: resource.namespaced,
        ...(subresource.group === group.group ? {} : { group: subresource.group, version: subresource.version }),
        kind: subresource.kind,
        verbs: subresource.verbs,
      })),
    ]),
  };
}

function groupFields(group: DiscoveredGroup): object {
  const version = { groupVersion: groupVersion(group), version: group.version };
  return { name: group.group, versions: [version], preferredVersion: version };
}

function groupVersion({ group, version }: DiscoveredGroup): string {
  return group === "" ? version : `${group}/${version}`;
}
