import type { Key, Kind, Resource } from "@slipway/spec";

/** A version of the store: a decimal integer as text that grows with every change of any object and is never used twice. */
export type Version = string;

/** What a write expects to find: the object at this version, or no object of that name. */
export type Expect = Version | "absent";

/** How a write enters. */
export interface WriteOptions {
  readonly expect: Expect;
  /** Who writes, e.g. `kubectl`; owns the fields it changes. */
  readonly manager: string;
  /** `status` keeps the old spec and metadata; `scale` changes `spec.replicas` only; without it the old status is kept. */
  readonly subresource?: "status" | "scale";
  /** `Update` (the default) takes the whole object; `Apply` takes only the fields the manager wants, and merges. */
  readonly operation?: "Update" | "Apply";
  /** With `Apply`: take fields that other managers own instead of failing. */
  readonly force?: boolean;
  /** Do everything but commit. */
  readonly dryRun?: boolean;
}

/** How an object is removed. */
export interface RemoveOptions {
  /** Refuse with `conflict` unless the object is at this version. */
  readonly expect?: Version;
  /** Refuse with `conflict` unless the object has this uid. */
  readonly uid?: string;
  readonly dryRun?: boolean;
  /** What becomes of objects that this one owns. `Background` (the default): they go after it; `Foreground`: before it; `Orphan`: they stay. */
  readonly propagation?: "Background" | "Foreground" | "Orphan";
}

/** Where a watch begins and what it shows. */
export interface WatchOptions {
  /** Changes after this version; the version of a `list` misses and repeats nothing. */
  readonly from: Version;
  readonly namespace?: string;
  /** Tell once a minute up to which version the watch has seen everything. */
  readonly bookmarks?: boolean;
}

/** One change of one object. `deleted` carries its last state, at the version of the deletion. */
export type Change<K extends Kind = Kind> =
  | { readonly type: "added" | "modified" | "deleted"; readonly resource: Resource<K>; readonly version: Version }
  | { readonly type: "bookmark"; readonly version: Version };

/** What `list` answers: the objects as they were at one version of the store, sorted by namespace and name. */
export interface Listing<K extends Kind = Kind> {
  readonly items: Resource<K>[];
  readonly version: Version;
}

/**
 * Versioned resources and the ordered stream of their changes. Objects that come out are frozen: copy before changing.
 * A write that changes nothing keeps the version and emits nothing. No transaction spans two objects.
 */
export interface Store {
  get<K extends Kind>(kind: K, key: Key): Promise<Resource<K> | undefined>;
  list<K extends Kind>(kind: K, options?: { namespace?: string }): Promise<Listing<K>>;
  /**
   * Admits and commits `next`; with `Apply`, `next` need hold only the fields the manager wants.
   * Removing the last finalizer of an object whose deletion was asked for deletes it: then the version in the answer is the one before.
   * Throws `conflict`, `alreadyExists`, `notFound`, `forbidden`, `invalid`, `tooLarge`, `storageFull` or `unavailable`; then nothing was changed.
   */
  write<K extends Kind>(next: Resource<K> & { readonly kind: K }, options: WriteOptions): Promise<Resource<K>>;
  /** Deletes the object, or marks it with `deletionTimestamp` while it has finalizers. Returns its last state. Throws `notFound`, `conflict` or `forbidden`. */
  remove<K extends Kind>(kind: K, key: Key, options?: RemoveOptions): Promise<Resource<K>>;
  /** Every change of `kind` after `options.from`, in order, until the signal aborts. Throws `expired` when that history is no longer kept: list again. */
  watch<K extends Kind>(kind: K, options: WatchOptions, signal: AbortSignal): AsyncIterable<Change<K>>;
}
