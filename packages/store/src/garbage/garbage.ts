import { type Kind, kinds, type OwnerReference, type Resource } from "@slipway/spec";
import { foregroundFinalizer, orphanFinalizer } from "../admit/admit-removal.ts";
import type { RemoveOptions } from "../store.ts";

/** One step of garbage collection: remove an object, or write it with fewer owners or finalizers. */
export type GarbageAction =
  | { readonly type: "remove"; readonly resource: Resource; readonly propagation?: NonNullable<RemoveOptions["propagation"]> }
  | { readonly type: "update"; readonly resource: Resource };

/**
 * What garbage collection has to do now, given every object there is: objects whose owners are all gone go, owners that wait for their dependents
 * stop waiting, orphans lose their owner, and namespaces that are being terminated lose their objects and then go. One pass; its effects may call
 * for another. Pure. The rules are those of Kubernetes' garbage collector and namespace controller.
 */
export function garbage(objects: readonly Resource[]): GarbageAction[] {
  const world = worldOf(objects);
  return objects.flatMap((object) => terminated(object, world) ?? released(object, world) ?? disowned(object, world) ?? []);
}

interface World {
  readonly byUid: ReadonlyMap<string, Resource>;
  /** Objects by the uid of each owner they name. */
  readonly dependents: ReadonlyMap<string, readonly Resource[]>;
  readonly terminating: ReadonlySet<string>;
  readonly populated: ReadonlySet<string>;
}

function worldOf(objects: readonly Resource[]): World {
  const byUid = new Map<string, Resource>();
  const dependents = new Map<string, Resource[]>();
  const terminating = new Set<string>();
  const populated = new Set<string>();
  for (const object of objects) {
    const { uid, name, namespace, deletionTimestamp } = object.metadata;
    byUid.set(uid ?? "", object);
    if (namespace !== undefined) populated.add(namespace);
    if (object.kind === "Namespace" && deletionTimestamp !== undefined) terminating.add(name);
    for (const owner of object.metadata.ownerReferences ?? [])
      dependents.set(owner.uid, [...(dependents.get(owner.uid) ?? []), object]);
  }
  return { byUid, dependents, terminating, populated };
}

/** A namespace on its way out takes its objects with it, then goes. */
function terminated(object: Resource, { terminating, populated }: World): GarbageAction | undefined {
  const { name, namespace, deletionTimestamp, finalizers } = object.metadata;
  if (object.kind === "Namespace") {
    const done = terminating.has(name) && !populated.has(name) && (finalizers ?? []).length === 0;
    return done ? { type: "remove", resource: object } : undefined;
  }
  if (namespace === undefined || !terminating.has(namespace) || deletionTimestamp !== undefined) return undefined;
  return { type: "remove", resource: object, propagation: "Background" };
}

/** An object that waits only for its dependents is released once none holds it back; one that orphans them, once they are let go. */
function released(object: Resource, { dependents }: World): GarbageAction[] | undefined {
  const { uid = "", deletionTimestamp, finalizers = [] } = object.metadata;
  if (deletionTimestamp === undefined) return undefined;
  const owned = dependents.get(uid) ?? [];
  if (finalizers.includes(orphanFinalizer)) {
    if (owned.length > 0)
      return owned.map((dependent) => ({ type: "update", resource: withoutOwners(dependent, (owner) => owner.uid === uid) }));
    return [{ type: "update", resource: withoutFinalizer(object, orphanFinalizer) }];
  }
  if (!finalizers.includes(foregroundFinalizer)) return undefined;
  const blocking = owned.some((dependent) =>
    dependent.metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true),
  );
  return blocking ? undefined : [{ type: "update", resource: withoutFinalizer(object, foregroundFinalizer) }];
}

/** An object goes when the last of its owners is gone, or waits for it to go; while it has another owner it only forgets those. */
function disowned(object: Resource, world: World): GarbageAction | undefined {
  const { ownerReferences = [], deletionTimestamp, finalizers = [] } = object.metadata;
  if (ownerReferences.length === 0 || deletionTimestamp !== undefined) return undefined;
  const states = ownerReferences.map((owner) => stateOf(owner, object, world));
  if (states.every((state) => state === "solid")) return undefined;
  if (states.includes("solid")) {
    return { type: "update", resource: withoutOwners(object, (owner) => stateOf(owner, object, world) !== "solid") };
  }
  if (finalizers.includes(orphanFinalizer)) return { type: "remove", resource: object, propagation: "Orphan" };
  const holdsBack = states.includes("waiting") && world.dependents.has(object.metadata.uid ?? "");
  return { type: "remove", resource: object, propagation: holdsBack ? "Foreground" : "Background" };
}

/** An owner is `gone`, `waiting` for its dependents to go, or `solid`. Of a kind that is not ours nothing is known, so it counts as there. */
function stateOf(owner: OwnerReference, object: Resource, { byUid }: World): "gone" | "waiting" | "solid" {
  const info = Object.hasOwn(kinds, owner.kind) ? kinds[owner.kind as Kind] : undefined;
  if (info === undefined || info.apiVersion !== owner.apiVersion) return "solid";
  const found = byUid.get(owner.uid);
  const elsewhere = found?.metadata.namespace !== undefined && found.metadata.namespace !== object.metadata.namespace;
  if (found === undefined || found.kind !== owner.kind || elsewhere) return "gone";
  const { deletionTimestamp, finalizers = [] } = found.metadata;
  return deletionTimestamp !== undefined && finalizers.includes(foregroundFinalizer) ? "waiting" : "solid";
}

function withoutOwners(object: Resource, leaves: (owner: OwnerReference) => boolean): Resource {
  const { ownerReferences = [], ...metadata } = object.metadata;
  const kept = ownerReferences.filter((owner) => !leaves(owner));
  return { ...object, metadata: { ...metadata, ...(kept.length === 0 ? {} : { ownerReferences: kept }) } } as Resource;
}

function withoutFinalizer(object: Resource, finalizer: string): Resource {
  const { finalizers = [], ...metadata } = object.metadata;
  const kept = finalizers.filter((name) => name !== finalizer);
  return { ...object, metadata: { ...metadata, ...(kept.length === 0 ? {} : { finalizers: kept }) } } as Resource;
}
