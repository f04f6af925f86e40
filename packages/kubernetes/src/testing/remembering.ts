import { isDeepStrictEqual } from "node:util";
import type { Kind, Resource } from "@slipway/spec";
import type { Store } from "@slipway/store";

/** A store that gives the very same object for the same state of it, as one in memory does: the suite compares by identity. */
export function remembering(store: Store): Store {
  const seen = new Map<string, Resource>();
  const same = <R extends Resource | undefined>(resource: R): R => {
    if (resource === undefined) return resource;
    const { uid, resourceVersion } = resource.metadata;
    const id = `${resource.kind} ${uid} ${resourceVersion}`;
    const before = seen.get(id);
    if (before !== undefined && isDeepStrictEqual(before, resource)) return before as R;
    seen.set(id, resource);
    return resource;
  };
  return {
    get: async (kind, key) => same(await store.get(kind, key)),
    list: async (kind, options) => {
      const { items, version } = await store.list(kind, options);
      return { items: items.map((item) => same(item as Resource) as typeof item), version };
    },
    write: async (next, options) => same((await store.write(next, options)) as Resource) as never,
    remove: async (kind, key, options) => same((await store.remove(kind, key, options)) as Resource) as never,
    async *watch<K extends Kind>(kind: K, options: Parameters<Store["watch"]>[1], signal: AbortSignal) {
      for await (const change of store.watch(kind, options, signal))
        yield change.type === "bookmark" ? change : { ...change, resource: same(change.resource as Resource) as Resource<K> };
    },
  };
}
