import type { Key, Kind, Resource } from "@slipway/spec";
import type { Change, Listing, RemoveOptions, Store, WatchOptions, WriteOptions } from "@slipway/store";
import type { ObjectCache } from "./object-cache.ts";

/** Caches by kind; other kinds are read where they are. */
export type StoreCaches = { readonly [K in Kind]?: ObjectCache<Resource<K>> };

/**
 * A store whose reads of some kinds come from caches and cost no call. They may be behind the store, never behind what was written through
 * this one: what is written on the ground of an old state is refused as a `conflict`, as with any store.
 */
export class CachedStore implements Store {
  private readonly store: Store;
  private readonly caches: StoreCaches;

  constructor(store: Store, caches: StoreCaches) {
    this.store = store;
    this.caches = caches;
  }

  async get<K extends Kind>(kind: K, key: Key): Promise<Resource<K> | undefined> {
    const cache = this.cacheOf(kind);
    return cache === undefined ? this.store.get(kind, key) : cache.get(key.namespace, key.name);
  }

  async list<K extends Kind>(kind: K, options: { namespace?: string } = {}): Promise<Listing<K>> {
    const cache = this.cacheOf(kind);
    if (cache === undefined) return this.store.list(kind, options);
    const items = [...cache.values()].filter(({ metadata }) => (options.namespace ?? metadata.namespace) === metadata.namespace);
    return { items: items.sort(byKey), version: cache.version };
  }

  async write<K extends Kind>(next: Resource<K> & { readonly kind: K }, options: WriteOptions): Promise<Resource<K>> {
    const written = await this.store.write<K>(next, options);
    if (options.dryRun === true) return written;
    const cache = this.cacheOf(next.kind);
    const { deletionTimestamp, finalizers = [] } = written.metadata;
    // The answer to the write that took its last finalizer away is its last state.
    if (deletionTimestamp === undefined || finalizers.length > 0) return cache?.put(written) ?? written;
    cache?.drop(written);
    return written;
  }

  async remove<K extends Kind>(kind: K, key: Key, options: RemoveOptions = {}): Promise<Resource<K>> {
    const removed = await this.store.remove(kind, key, options);
    if (options.dryRun === true) return removed;
    const { deletionTimestamp, finalizers = [] } = removed.metadata;
    if (deletionTimestamp === undefined || finalizers.length === 0) this.cacheOf(kind)?.drop(removed);
    else this.cacheOf(kind)?.put(removed);
    return removed;
  }

  async *watch<K extends Kind>(kind: K, options: WatchOptions, signal: AbortSignal): AsyncGenerator<Change<K>, void, undefined> {
    const cache = this.cacheOf(kind);
    if (cache === undefined) {
      yield* this.store.watch(kind, options, signal);
      return;
    }
    for await (const { type, object, version } of cache.changes.follow(options.from, signal)) {
      if ((options.namespace ?? object.metadata.namespace) === object.metadata.namespace)
        yield { type, resource: object, version };
    }
  }

  private cacheOf<K extends Kind>(kind: K): ObjectCache<Resource<K>> | undefined {
    return this.caches[kind] as ObjectCache<Resource<K>> | undefined;
  }
}

function byKey(a: Resource, b: Resource): number {
  const [left, right] = [a, b].map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`);
  return left! < right! ? -1 : 1;
}
