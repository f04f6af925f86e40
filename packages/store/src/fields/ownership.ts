import type { FieldStructure } from "@slipway/spec";
import { compare } from "./compare.ts";
import { applyConflict } from "./conflict.ts";
import { difference, emptySet, type FieldSet, intersection, isEmpty, setOf, union } from "./field-set.ts";
import { fieldsOf } from "./fields-of.ts";
import { type Manager, type Managers, managerId } from "./manager.ts";
import { merge } from "./merge.ts";
import { prune } from "./prune.ts";

/** Who writes, in which role. */
export type Writer = Pick<Manager, "name" | "apiVersion" | "subresource">;

/** Fields that belong to the server or name the object; nobody owns them. */
const unowned: FieldSet = setOf(
  ["f:apiVersion"],
  ["f:kind"],
  ["f:metadata"],
  ...[
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
  ].map((name) => ["f:metadata", `f:${name}`]),
);

/** Managers that only update are merged into one beyond this number, as Kubernetes does, so that an object does not grow with every client's name. */
const mostUpdaters = 10;

/** Ownership after an update from `before` to `after`: the writer owns what it changed, and nobody owns what is gone. `now` is RFC 3339. */
export function ownByUpdate(
  managers: Managers,
  writer: Writer,
  before: unknown,
  after: unknown,
  structure: FieldStructure,
  now: string,
): Managers {
  const { added, modified, removed } = compare(before, after, structure);
  const changed = difference(union(added, modified), unowned);
  const next = new Map<string, Manager>();
  for (const [id, manager] of managers)
    next.set(id, { ...manager, fields: difference(difference(manager.fields, changed), removed) });
  const id = managerId({ ...writer, operation: "Update" });
  const own = managers.get(id)?.fields ?? emptySet;
  if (!isEmpty(changed))
    next.set(id, { ...writer, operation: "Update", time: now, fields: union(difference(own, removed), changed) });
  return mergeOldUpdaters(withoutIdle(next));
}

/** What an apply makes of the live object, and who owns its fields then. */
export interface Applied {
  readonly value: unknown;
  readonly managers: Managers;
}

/**
 * Applies a configuration: merges it over `live`, removes what the writer applied before and nobody wants now, and makes the writer own exactly
 * the fields of `config`. `creates` says that there is no object yet. Throws `conflict` naming every field that another manager owns with another
 * value, unless `force`.
 */
export function ownByApply(
  managers: Managers,
  writer: Writer,
  live: unknown,
  config: unknown,
  options: { structure: FieldStructure; force: boolean; now: string; creates?: boolean },
): Applied {
  const { structure, force, now, creates = false } = options;
  const id = managerId({ ...writer, operation: "Apply" });
  const last = managers.get(id);
  const others = [...managers].filter(([other]) => other !== id);
  const wanted = fieldsOf(config, structure);
  const owned = others.reduce((set, [, other]) => union(set, other.fields), wanted);
  const pruned = prune(merge(live, config, structure), last?.fields ?? emptySet, owned, structure);
  // Pruning drops what it emptied; where the configuration itself says "empty", it stays.
  const value = merge(pruned, config, structure);

  const { added, modified, removed } = compare(live, value, structure);
  const changed = union(added, modified);
  const conflicts = others
    .map(([, other]) => ({ ...other, fields: intersection(other.fields, changed) }))
    .filter((other) => !isEmpty(other.fields));
  if (conflicts.length > 0 && !force) throw applyConflict(conflicts);

  const next = new Map<string, Manager>();
  for (const [other, manager] of others)
    next.set(other, { ...manager, fields: difference(difference(manager.fields, changed), removed) });
  const fields = difference(wanted, unowned);
  // As Kubernetes does: an apply that changes no field of the object leaves its time, and one that never changed any has none.
  const time = creates || !isEmpty(union(changed, removed)) ? now : last?.time;
  next.set(id, { ...writer, operation: "Apply", ...(time === undefined ? {} : { time }), fields });
  return { value, managers: withoutIdle(next) };
}

function withoutIdle(managers: Managers): Managers {
  return new Map([...managers].filter(([, manager]) => !isEmpty(manager.fields)));
}

function mergeOldUpdaters(managers: Managers): Managers {
  const updaters = [...managers.values()]
    .filter((manager) => manager.operation === "Update" && manager.subresource === undefined)
    .sort((a, b) => ((a.time ?? "") < (b.time ?? "") ? -1 : 1));
  if (updaters.length <= mostUpdaters) return managers;
  const next = new Map(managers);
  for (const old of updaters.slice(0, updaters.length - mostUpdaters + 1)) {
    next.delete(managerId(old));
    const bucket: Manager = { ...old, name: "ancient-changes" };
    const earlier = next.get(managerId(bucket));
    next.set(managerId(bucket), { ...bucket, fields: union(earlier?.fields ?? emptySet, old.fields) });
  }
  return next;
}

/** The managers to start from when an object that nobody tracked is applied to: all it has counts as written before. */
export function untracked(live: unknown, apiVersion: string, structure: FieldStructure, now: string): Managers {
  return ownByUpdate(new Map(), { name: "before-first-apply", apiVersion }, {}, live, structure, now);
}
