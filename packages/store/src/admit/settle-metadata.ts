import type { FieldProblem, Instant } from "@slipway/base";
import { kinds, type ObjectMeta, type Resource, slipwayApiVersion } from "@slipway/spec";
import { invalid, uidConflict } from "../refusals.ts";
import { timestamp } from "./timestamp.ts";

/** Metadata that the server sets, for a new object: its identity and first generation. */
export function newMetadata(next: Resource, uid: string, now: Instant): ObjectMeta {
  const {
    resourceVersion: _version,
    deletionTimestamp: _deletion,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    ...given
  } = next.metadata;
  return { ...given, uid, creationTimestamp: timestamp(now), ...(countsGenerations(next) ? { generation: 1 } : {}) };
}

/** Metadata that the server keeps, for a change of an object: identity and deletion cannot be changed, `generation` grows if `specChanged`. */
export function keptMetadata(old: Resource, next: Resource, specChanged: boolean): ObjectMeta {
  const before = old.metadata;
  const after = next.metadata;
  if (after.uid !== undefined && after.uid !== before.uid) throw uidConflict(old.kind, before, after.uid, before.uid ?? "");
  const problems = [...deletionProblems(before, after), ...finalizerProblems(before, after)];
  if (problems.length > 0) throw invalid(old.kind, before.name, problems);
  const { generation: _generation, ...given } = after;
  const { uid, resourceVersion, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } = before;
  return {
    ...given,
    ...defined({ uid, resourceVersion, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds }),
    ...(generation === undefined ? {} : { generation: specChanged ? generation + 1 : generation }),
  };
}

/** Whether objects of this kind count changes of their spec; Kubernetes' own Namespace, Secret and Event do not. */
function countsGenerations(resource: Resource): boolean {
  return kinds[resource.kind].apiVersion === slipwayApiVersion;
}

function deletionProblems(before: ObjectMeta, after: ObjectMeta): FieldProblem[] {
  if (after.deletionTimestamp === undefined || after.deletionTimestamp === before.deletionTimestamp) return [];
  return [
    { path: "metadata.deletionTimestamp", message: "field is immutable; delete the object instead", reason: "FieldValueInvalid" },
  ];
}

function finalizerProblems(before: ObjectMeta, after: ObjectMeta): FieldProblem[] {
  if (before.deletionTimestamp === undefined) return [];
  const added = (after.finalizers ?? []).filter((finalizer) => !before.finalizers?.includes(finalizer));
  if (added.length === 0) return [];
  const names = added.map((name) => JSON.stringify(name)).join(", ");
  return [
    {
      path: "metadata.finalizers",
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${names}`,
      reason: "FieldValueForbidden",
    },
  ];
}

function defined(fields: { [P in keyof ObjectMeta]?: ObjectMeta[P] | undefined }): Partial<ObjectMeta> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<ObjectMeta>;
}
