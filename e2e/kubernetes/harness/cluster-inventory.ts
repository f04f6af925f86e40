/** Kinds of what comes and goes by itself. */
const passing =
  /^(events|leases\.coordination|endpoints|endpointslices|componentstatuses|replicasets|pods|apiservices|nodes\.metrics|pods\.metrics)/;

/** Kind, namespace, name and uid of every object there is, but for what comes and goes by itself. `kubectl` runs it against the cluster. */
export async function clusterInventory(kubectl: (...args: readonly string[]) => Promise<string>): Promise<string[]> {
  const kinds = (await kubectl("api-resources", "--verbs=list", "-o", "name")).trim().split("\n");
  const columns = "custom-columns=K:.kind,NS:.metadata.namespace,N:.metadata.name,UID:.metadata.uid";
  const listed = kinds.filter((kind) => !passing.test(kind));
  const text = await kubectl("get", listed.join(","), "-A", "--no-headers", "-o", columns);
  return text
    .trim()
    .split("\n")
    .map((line) => line.replaceAll(/\s+/g, " "))
    .sort();
}

/** What is in `now` and was not in `before`, without uids. */
export function cameSince(before: readonly string[], now: readonly string[]): string[] {
  return now.filter((line) => !before.includes(line)).map((line) => line.replace(/ \S+$/, ""));
}
