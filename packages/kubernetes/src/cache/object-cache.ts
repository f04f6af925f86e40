import { type Actor, backoff, type Clock, jittered, SlipwayError } from "@slipway/base";
import { listObjects, type Selection } from "../rest/list-objects.ts";
import type { RestClient } from "../rest/rest-client.ts";
import { watchObjects } from "../rest/watch-objects.ts";
import { ChangeLog } from "./change-log.ts";
import type { OutageLog } from "./outage-log.ts";

/** What every object of an API server has. */
export interface CachedObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
}

/** What became of one object. */
export interface CacheChange<T> {
  readonly type: "added" | "modified" | "deleted";
  readonly object: T;
  readonly version: string;
}

/** What a cache follows, and how. */
export interface ObjectCacheOptions<T> {
  /** What it holds, for the log: `Pods`. */
  readonly name: string;
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly outages: OutageLog;
  readonly path: string;
  readonly selection?: Selection;
  /** An object as it came, to what is kept of it. */
  readonly read: (object: unknown) => T;
  /** What objects are found together by, beside their name. */
  readonly groupOf?: (object: T) => string | undefined;
}

/** Deletions remembered, so that an answer or event from before one does not bring its object back. */
const mostTombstones = 4_096;

/**
 * All objects of one kind as a list and a watch tell of them: no call is made to read one. What this process wrote and was told in the answer
 * is `put` in, so that it never reads anything older than its own writes. Whatever goes wrong is tried again, with back-off.
 */
export class ObjectCache<T extends CachedObject> implements Actor {
  readonly name: string;
  readonly changes = new ChangeLog<CacheChange<T>>();
  /** Resolves once everything that was there at the start is known. */
  readonly synced: Promise<void>;
  private readonly options: ObjectCacheOptions<T>;
  private readonly objects = new Map<string, T>();
  private readonly groups = new Map<string, Set<string>>();
  private readonly tombstones = new Set<string>();
  private readonly listeners = new Set<(object: T) => void>();
  private seen = "0";
  private markSynced: () => void = () => {};

  constructor(options: ObjectCacheOptions<T>) {
    this.options = options;
    this.name = options.name;
    this.synced = new Promise((resolve) => {
      this.markSynced = resolve;
    });
  }

  /** Up to which version everything is known. */
  get version(): string {
    return this.seen;
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.objects.get(idOf(namespace, name));
  }

  values(): IterableIterator<T> {
    return this.objects.values();
  }

  /** The objects of a group, in no order. */
  group(key: string): T[] {
    return [...(this.groups.get(key) ?? [])].map((id) => this.objects.get(id)!);
  }

  /** Calls back with every object that changed, or its last state, after the cache knows; returns how to stop. */
  onChange(listener: (object: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes in what the answer to a write said. Something newer is kept. */
  put(answer: unknown): T {
    const object = this.options.read(answer);
    this.keep(object);
    const { namespace, name, uid } = object.metadata;
    const known = this.get(namespace, name);
    // The watch may have been first: then it is the same, and kept once.
    return known !== undefined && known.metadata.uid === uid && versionOf(known) === versionOf(object) ? known : object;
  }

  /** Takes in that this object is gone, as the answer to a removal said. */
  drop({ metadata }: CachedObject): void {
    const { namespace, name, uid } = metadata;
    this.bury(uid);
    const id = idOf(namespace, name);
    if (this.objects.get(id)?.metadata.uid === uid) this.set(id, undefined);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, outages } = this.options;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.list(signal);
        failures = 0;
        outages.answered(this.name);
        await this.watch(signal);
      } catch (caught) {
        if (signal.aborted) return;
        const error = SlipwayError.from(caught);
        // Only what the watch was to begin with is gone: list again.
        if (error.code === "expired") {
          outages.expired(this.name);
        } else {
          failures += 1;
          outages.failed(this.name, error);
        }
        await clock.sleep(jittered(backoff(Math.max(1, failures), 200, 30_000)), signal).catch(() => {});
      }
    }
  }

  private async list(signal: AbortSignal): Promise<void> {
    const { path, read, rest, selection } = this.options;
    const { items, version } = await listObjects(rest, path, selection, signal);
    const first = this.seen === "0";
    // Changes that nobody told us of are told to followers like any other, all at this version.
    if (first) this.changes.begin(version);
    const listed = new Set<string>();
    for (const object of items.map(read)) {
      const id = idOf(object.metadata.namespace, object.metadata.name);
      listed.add(id);
      const before = this.objects.get(id);
      if (this.keep(object)) this.tell(before === undefined ? "added" : "modified", object, version, first);
    }
    for (const [id, object] of this.objects) {
      // One that is newer than the list was written by this process since.
      if (listed.has(id) || versionOf(object) > BigInt(version)) continue;
      this.set(id, undefined);
      this.tell("deleted", object, version, false);
    }
    this.seen = version;
    this.markSynced();
  }

  private async watch(signal: AbortSignal): Promise<void> {
    const { clock, outages, path, read, rest, selection } = this.options;
    const watch = {
      path,
      from: this.seen,
      ...(selection && { selection }),
      onFailure: (error: SlipwayError | undefined) =>
        error === undefined ? outages.answered(this.name) : outages.failed(this.name, error),
    };
    for await (const change of watchObjects({ rest, clock }, watch, signal)) {
      this.seen = change.version;
      if (change.type === "bookmark") continue;
      const object = read(change.object);
      if (change.type === "deleted") this.drop(object);
      else this.keep(object);
      this.tell(change.type, object, change.version, false);
    }
  }

  /** Returns whether it was news. */
  private keep(object: T): boolean {
    const { namespace, name, uid } = object.metadata;
    if (uid !== undefined && this.tombstones.has(uid)) return false;
    const id = idOf(namespace, name);
    const known = this.objects.get(id);
    if (known !== undefined && versionOf(known) >= versionOf(object)) return false;
    this.set(id, object);
    return true;
  }

  private set(id: string, object: T | undefined): void {
    const before = this.objects.get(id);
    const { groupOf = () => undefined } = this.options;
    const left = before && groupOf(before);
    const entered = object && groupOf(object);
    if (left !== undefined && left !== entered) {
      const members = this.groups.get(left);
      members?.delete(id);
      if (members?.size === 0) this.groups.delete(left);
    }
    if (entered !== undefined) {
      const members = this.groups.get(entered) ?? new Set();
      this.groups.set(entered, members.add(id));
    }
    if (object === undefined) this.objects.delete(id);
    else this.objects.set(id, object);
  }

  private bury(uid: string | undefined): void {
    if (uid === undefined) return;
    this.tombstones.add(uid);
    if (this.tombstones.size > mostTombstones) for (const oldest of this.tombstones) return void this.tombstones.delete(oldest);
  }

  private tell(type: CacheChange<T>["type"], object: T, version: string, silent: boolean): void {
    if (!silent) this.changes.append({ type, object, version });
    for (const listener of [...this.listeners]) listener(object);
  }
}

function versionOf({ metadata }: CachedObject): bigint {
  return BigInt(metadata.resourceVersion ?? 0);
}

function idOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}
