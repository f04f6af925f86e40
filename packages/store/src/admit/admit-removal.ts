import type { Instant } from "@slipway/base";
import type { ObjectMeta, Resource } from "@slipway/spec";
import { freeze } from "../freeze.ts";
import { forbidden } from "../refusals.ts";
import type { RemoveOptions } from "../store.ts";
import { timestamp } from "./timestamp.ts";

/** Finalizer of an object that waits for the objects it owns to go first; Kubernetes' name. */
export const foregroundFinalizer = "foregroundDeletion";
/** Finalizer of an object whose dependents must be let go before it goes; Kubernetes' name. */
export const orphanFinalizer = "orphan";
/** The namespace that is always there. */
export const defaultNamespace = "default";

/** What a removal makes of an object: it goes at once, or it is marked and stays until its finalizers are gone. */
export type Removal = { readonly type: "delete" } | { readonly type: "mark"; readonly resource: Resource };

/** Decides a removal. `populated` says whether a Namespace still has objects in it. Pure. Throws `forbidden` for the default namespace. */
export function admitRemoval(input: {
  old: Resource;
  propagation: RemoveOptions["propagation"];
  populated: boolean;
  now: Instant;
}): Removal {
  const { old, propagation, populated, now } = input;
  if (old.kind === "Namespace" && old.metadata.name === defaultNamespace) {
    throw forbidden("Namespace", old.metadata, "this namespace may not be deleted", "Delete the objects in it instead.");
  }
  const finalizers = finalizersFor(old.metadata.finalizers ?? [], propagation);
  if (finalizers.length === 0 && !populated) return { type: "delete" };
  const { finalizers: _before, ...rest } = old.metadata;
  const metadata: ObjectMeta = {
    ...rest,
    ...deletionMarks(old, now),
    ...(finalizers.length === 0 ? {} : { finalizers }),
  };
  const marked = { ...old, metadata } as Resource;
  return {
    type: "mark",
    resource: freeze(marked.kind === "Namespace" ? { ...marked, status: { ...marked.status, phase: "Terminating" } } : marked),
  };
}

/** Asking again keeps the first time of asking. Marking counts as a change of what is wanted, so the generation grows, as in Kubernetes. */
function deletionMarks({ kind, metadata: before }: Resource, now: Instant): Partial<ObjectMeta> {
  if (before.deletionTimestamp !== undefined) return {};
  return {
    deletionTimestamp: timestamp(now),
    // As Kubernetes does: a namespace has no grace period.
    ...(kind === "Namespace" ? {} : { deletionGracePeriodSeconds: 0 }),
    ...(before.generation === undefined ? {} : { generation: before.generation + 1 }),
  };
}

function finalizersFor(current: readonly string[], propagation: RemoveOptions["propagation"]): string[] {
  if (propagation === undefined) return [...current];
  const others = current.filter((name) => name !== foregroundFinalizer && name !== orphanFinalizer);
  if (propagation === "Foreground") return [...others, foregroundFinalizer];
  return propagation === "Orphan" ? [...others, orphanFinalizer] : others;
}
