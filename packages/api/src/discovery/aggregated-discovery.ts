import type { DiscoveredGroup, DiscoveredResource } from "./groups.ts";

/** The content type of aggregated discovery; clients take anything else for the older form. */
export const aggregatedContentType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** `apidiscovery.k8s.io/v2` of these groups: everything a client must know, in one answer. */
export function aggregatedDiscovery(groups: readonly DiscoveredGroup[]): unknown {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map((group) => ({
      metadata: group.group === "" ? {} : { name: group.group },
      versions: [
        {
          version: group.version,
          freshness: "Current",
          resources: group.resources.map((resource) => discovered(group, resource)),
        },
      ],
    })),
  };
}

function discovered({ group, version }: DiscoveredGroup, resource: DiscoveredResource): unknown {
  const scope = resource.namespaced ? "Namespaced" : "Cluster";
  return {
    resource: resource.plural,
    responseKind: { group, version, kind: resource.kind },
    scope,
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
    ...(resource.subresources.length === 0
      ? {}
      : {
          subresources: resource.subresources.map((subresource) => ({
            subresource: subresource.name,
            responseKind: { group: subresource.group, version: subresource.version, kind: subresource.kind },
            verbs: subresource.verbs,
          })),
        }),
  };
}
