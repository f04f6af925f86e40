import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { type Clock, type FieldProblem, type Instant, SlipwayError } from "@slipway/base";
import { type Key, type Kind, kinds, type Resource } from "@slipway/spec";
import { admit } from "./admit/admit.ts";
import { admitRemoval, defaultNamespace } from "./admit/admit-removal.ts";
import { eventExpired } from "./event-expired.ts";
import { freeze } from "./freeze.ts";
import { History } from "./history.ts";
import type { Persistence, StoredChange } from "./persistence.ts";
import { alreadyExists, forbidden, invalid, notFound, objectName, preconditionFailed, versionConflict } from "./refusals.ts";
import { ResourceTable } from "./resource-table.ts";
import type { Change, Expect, Listing, RemoveOptions, Store, WatchOptions, WriteOptions } from "./store.ts";
import { watchHistory } from "./watch-history.ts";

/** What a local store needs. */
export interface LocalStoreOptions {
  readonly persistence: Persistence;
  readonly clock: Clock;
  /** Changes kept for watches that are behind. Default 10,000. */
  readonly historyLimit?: number;
  /** Makes identities of new objects; random by default. */
  readonly uid?: () => string;
  /** What of an object that is right in itself cannot be had in this place; refused like any other problem. Default: nothing. */
  readonly refuses?: (resource: Resource) => readonly FieldProblem[];
}

/** Characters of JSON an object may have; etcd's limit in Kubernetes is about the same. */
const mostCharacters = 1_500_000;

/** The history's share of memory, whatever the size of the objects in it. */
const mostHistoryCharacters = 64 * 1024 * 1024;

/** Expired Events deleted in one commit. */
const sweepBatch = 500;

/**
 * The store on one machine: all logic over a {@link Persistence}. It is the only writer; every object is in memory, so that only writes touch
 * the disk. Each write runs to its end without giving way, so writes are in one order, which is the order of versions.
 */
export class LocalStore implements Store {
  private readonly persistence: Persistence;
  private readonly clock: Clock;
  private readonly uid: () => string;
  private readonly refuses: NonNullable<LocalStoreOptions["refuses"]>;
  private readonly resources = new ResourceTable();
  private readonly history: History;
  private closed = false;

  /** Loads what is kept, and makes the default namespace if there is none. Throws what the persistence throws. */
  constructor(options: LocalStoreOptions) {
    this.persistence = options.persistence;
    this.clock = options.clock;
    this.uid = options.uid ?? randomUUID;
    this.refuses = options.refuses ?? (() => []);
    this.history = new History({ changes: options.historyLimit ?? 10_000, characters: mostHistoryCharacters });
    const { resources, changes } = this.persistence.load();
    for (const text of resources) this.resources.put(freeze(JSON.parse(text) as Resource));
    this.history.append(changes);
    this.compact();
    if (this.resources.get("Namespace", { name: defaultNamespace }) === undefined) {
      const next = { apiVersion: "v1", kind: "Namespace", metadata: { name: defaultNamespace } } as const;
      this.commit([["added", admit({ next, manager: "slipway", now: this.clock.now(), uid: this.uid() })]]);
    }
  }

  async get<K extends Kind>(kind: K, key: Key): Promise<Resource<K> | undefined> {
    return this.resources.get(kind, key);
  }

  async list<K extends Kind>(kind: K, options: { namespace?: string } = {}): Promise<Listing<K>> {
    return { items: this.resources.list(kind, options.namespace), version: String(this.history.version) };
  }

  watch<K extends Kind>(kind: K, options: WatchOptions, signal: AbortSignal): AsyncIterable<Change<K>> {
    return watchHistory({ history: this.history, resources: this.resources, clock: this.clock }, kind, options, signal);
  }

  async write<K extends Kind>(next: Resource<K> & { readonly kind: K }, options: WriteOptions): Promise<Resource<K>> {
    this.checkOpen();
    const { expect, dryRun, ...how } = options;
    const key = next.metadata;
    const old = this.resources.get<Kind>(next.kind, key);
    checkExpected(next.kind, key, old, expect);
    const admitted = admit({ old, next, ...how, now: this.clock.now(), uid: this.uid() });
    const refused = this.refuses(admitted);
    if (refused.length > 0) throw invalid(admitted.kind, admitted.metadata.name, refused);
    if (old === undefined) this.checkNamespace(admitted);
    if (old !== undefined && isDeepStrictEqual(old, admitted)) return old as Resource<K>;
    if (dryRun) return admitted as Resource<K>;
    if (old !== undefined && this.isDone(admitted)) {
      // As in Kubernetes: what is deleted is the object as it was stored; the change that freed it is only answered.
      this.commitOne("deleted", old);
      return admitted as Resource<K>;
    }
    return this.commitOne(old === undefined ? "added" : "modified", admitted) as Resource<K>;
  }

  async remove<K extends Kind>(kind: K, key: Key, options: RemoveOptions = {}): Promise<Resource<K>> {
    this.checkOpen();
    const old = this.resources.get<Kind>(kind, key);
    if (old === undefined) throw notFound(kind, key);
    const { uid = "", resourceVersion = "" } = old.metadata;
    if (options.uid !== undefined && options.uid !== uid) throw preconditionFailed(kind, key, "UID", options.uid, uid);
    if (options.expect !== undefined && options.expect !== resourceVersion)
      throw preconditionFailed(kind, key, "ResourceVersion", options.expect, resourceVersion);
    const removal = admitRemoval({
      old,
      propagation: options.propagation,
      populated: this.isPopulated(old),
      now: this.clock.now(),
    });
    if (removal.type === "mark" && isDeepStrictEqual(old, removal.resource)) return old as Resource<K>;
    const [type, result] = removal.type === "mark" ? (["modified", removal.resource] as const) : (["deleted", old] as const);
    return (options.dryRun ? result : this.commitOne(type, result)) as Resource<K>;
  }

  /** Deletes the Events that are past their time, as Kubernetes does after an hour. Returns how many. */
  async sweep(now: Instant): Promise<number> {
    this.checkOpen();
    const expired = this.resources.list("Event").filter((event) => eventExpired(event, now));
    for (let first = 0; first < expired.length; first += sweepBatch) {
      this.commit(expired.slice(first, first + sweepBatch).map((event) => ["deleted", event]));
    }
    return expired.length;
  }

  /** Ends the store; reading still works, writing does not. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.persistence.close();
  }

  private checkOpen(): void {
    if (this.closed)
      throw new SlipwayError("unavailable", "The store is closed; nothing was changed.", {
        hint: "Try again once the platform is up.",
      });
  }

  /** New objects need a namespace that is there and not on its way out. */
  private checkNamespace(next: Resource): void {
    const { namespace } = next.metadata;
    if (!kinds[next.kind].namespaced || namespace === undefined) return;
    const found = this.resources.get("Namespace", { name: namespace });
    if (found === undefined) throw notFound("Namespace", { name: namespace });
    if (found.metadata.deletionTimestamp === undefined) return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    throw forbidden(next.kind, next.metadata, why, "Wait until the namespace is gone, make it again, and repeat.");
  }

  /** Whether deletion was asked for and nothing holds the object any more. */
  private isDone(resource: Resource): boolean {
    const { deletionTimestamp, finalizers } = resource.metadata;
    return deletionTimestamp !== undefined && (finalizers ?? []).length === 0 && !this.isPopulated(resource);
  }

  private isPopulated(resource: Resource): boolean {
    if (resource.kind !== "Namespace") return false;
    return (Object.keys(kinds) as Kind[]).some(
      (kind) => kinds[kind].namespaced && this.resources.list(kind, resource.metadata.name).length > 0,
    );
  }

  private commitOne(type: StoredChange["type"], resource: Resource): Resource {
    return this.commit([[type, resource]])[0]!;
  }

  /** Gives each change its version and makes all of them durable, then visible. If that fails nothing has happened. */
  private commit(changes: readonly (readonly [StoredChange["type"], Resource])[]): Resource[] {
    const stored = changes.map(([type, resource], index) => storedChange(type, resource, this.history.version + 1 + index));
    this.persistence.commit(stored.map(({ change }) => change));
    for (const { change, resource } of stored) {
      if (change.type === "deleted") this.resources.delete(resource.kind, resource.metadata);
      else this.resources.put(resource);
    }
    this.history.append(stored.map(({ change }) => change));
    this.compact();
    return stored.map(({ resource }) => resource);
  }

  private compact(): void {
    const firstKept = this.history.trim();
    if (firstKept === undefined) return;
    try {
      this.persistence.compact(firstKept);
    } catch {
      // The write that led here is done, and must not fail for this; the next compaction takes these changes too.
    }
  }
}

function checkExpected(kind: Kind, key: Key, old: Resource | undefined, expect: Expect): void {
  if (expect === "absent") {
    if (old !== undefined) throw alreadyExists(kind, key, old.metadata.deletionTimestamp !== undefined);
    return;
  }
  if (old === undefined) throw notFound(kind, key);
  if (old.metadata.resourceVersion !== expect) throw versionConflict(kind, key);
}

function storedChange(
  type: StoredChange["type"],
  resource: Resource,
  version: number,
): { change: StoredChange; resource: Resource } {
  const { kind } = resource;
  const { name, namespace = "" } = resource.metadata;
  const versioned = freeze({ ...resource, metadata: { ...resource.metadata, resourceVersion: String(version) } } as Resource);
  const text = JSON.stringify(versioned);
  if (type !== "deleted" && text.length > mostCharacters) {
    throw new SlipwayError(
      "tooLarge",
      `${objectName(kind, resource.metadata)} has ${text.length} characters as JSON; at most ${mostCharacters} are stored.`,
      {
        hint: "Move large data out of the object.",
      },
    );
  }
  return { change: { version, type, kind, namespace, name, text }, resource: versioned };
}
