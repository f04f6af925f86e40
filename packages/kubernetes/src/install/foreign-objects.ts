import type { ClusterObjects } from "../cluster/cluster-objects.ts";

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly namespaced: boolean; readonly verbs: readonly string[] }[];
}

/** What every namespace has of Kubernetes itself, and what tells of others and goes by itself. */
const ownOfKubernetes: readonly RegExp[] = [
  /^configmaps\/kube-root-ca\.crt$/,
  /^serviceaccounts\/default$/,
  /^events(\.events\.k8s\.io)?\//,
];

/** Everything in a namespace that is not Kubernetes' own, of whatever kind the cluster has: `secrets/password`. */
export async function foreignObjects(objects: ClusterObjects, namespace: string): Promise<string[]> {
  const { rest, signal } = objects;
  const groups = (await rest.request("GET", "/apis", { signal })) as {
    readonly groups: readonly { readonly name: string; readonly preferredVersion: { readonly groupVersion: string } }[];
  };
  const versions = [{ group: "", path: "/api/v1" }];
  for (const { name, preferredVersion } of groups.groups)
    versions.push({ group: name, path: `/apis/${preferredVersion.groupVersion}` });
  const found: string[] = [];
  for (const { group, path } of versions) {
    // Of an extension that does not answer nothing can be known; the namespace's own deletion would wait for it.
    const { resources } = (await rest.request("GET", path, { signal })) as ResourceList;
    for (const { name, namespaced, verbs } of resources) {
      if (!namespaced || name.includes("/") || !verbs.includes("list") || !verbs.includes("delete")) continue;
      const list = (await rest.request("GET", `${path}/namespaces/${namespace}/${name}`, { query: { limit: "20" }, signal })) as {
        readonly items: readonly { readonly metadata: { readonly name: string } }[];
      };
      const kind = group === "" ? name : `${name}.${group}`;
      found.push(...list.items.map((item) => `${kind}/${item.metadata.name}`));
    }
  }
  return found.filter((each) => !ownOfKubernetes.some((pattern) => pattern.test(each)));
}
