import type { FieldStructure } from "@slipway/spec";
import { difference, type FieldSet, intersection, isEmpty, union } from "./field-set.ts";
import { fieldsOf } from "./fields-of.ts";
import { namedMembers } from "./named-members.ts";
import { removeFields } from "./remove-fields.ts";

/**
 * Removes from `merged` the fields that the applying manager owned before (`last`) and that nobody owns now (`owned`: the new configuration and
 * all other managers). A parent goes with its last owned field, and what was only defaulted inside goes with it. The three steps are those of
 * Kubernetes' structured-merge-diff: remove what was applied last, add back what somebody owns, add back what was not applied last.
 */
export function prune(merged: unknown, last: FieldSet, owned: FieldSet, structure: FieldStructure): unknown {
  if (isEmpty(last)) return merged;
  const named = (set: FieldSet) => namedMembers(set, structure);
  const all = named(fieldsOf(merged, structure));
  const without = removeFields(merged, named(last), structure);
  const kept = without === undefined ? owned : union(fieldsOf(without, structure), owned);
  const withOwned = removeFields(merged, difference(all, named(kept)), structure);
  const missing = withOwned === undefined ? all : difference(all, named(fieldsOf(withOwned, structure)));
  return removeFields(merged, intersection(missing, named(last)), structure);
}
