import type { Model, Revision } from "@slipway/spec";
import type { WrittenMeta } from "./kubernetes-object.ts";

/** Makes an object go with its owner. Nothing for an owner that is not in a cluster yet, and so has no uid, as in an export. */
export function ownedBy(owner: Model | Revision): Pick<WrittenMeta, "ownerReferences"> {
  const { apiVersion, kind, metadata } = owner;
  if (metadata.uid === undefined) return {};
  const { name, uid } = metadata;
  return { ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }] };
}
