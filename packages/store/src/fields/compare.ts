import { isDeepStrictEqual } from "node:util";
import type { FieldStructure } from "@slipway/spec";
import { emptySet, type FieldSet, union } from "./field-set.ts";
import { type Parts, partsOf } from "./walk.ts";

/** Which fields differ between two values. A parent counts as added or removed only when it is so as a whole. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

const nothing: Comparison = { added: emptySet, modified: emptySet, removed: emptySet };
const here: FieldSet = { member: true, children: new Map() };

/** Compares two values field by field; undefined means that there is no value. */
export function compare(before: unknown, after: unknown, structure: FieldStructure): Comparison {
  if (before === undefined && after === undefined) return nothing;
  const left = before === undefined ? undefined : partsOf(before, structure);
  const right = after === undefined ? undefined : partsOf(after, structure);
  const parts = left ?? right;
  const apart =
    parts !== undefined && (before === undefined || left !== undefined) && (after === undefined || right !== undefined);
  // Two empty values are one leaf, so that an empty value differs from none.
  if (!apart || (left?.values.size ?? 0) + (right?.values.size ?? 0) === 0) return compareLeaf(before, after);
  const inner = compareParts(parts, left, right);
  if (before === undefined) return { ...inner, added: union(inner.added, here) };
  if (after === undefined) return { ...inner, removed: union(inner.removed, here) };
  return inner;
}

function compareLeaf(before: unknown, after: unknown): Comparison {
  if (before === undefined) return { ...nothing, added: here };
  if (after === undefined) return { ...nothing, removed: here };
  return isDeepStrictEqual(before, after) ? nothing : { ...nothing, modified: here };
}

function compareParts(parts: Parts, left: Parts | undefined, right: Parts | undefined): Comparison {
  const added = new Map<string, FieldSet>();
  const modified = new Map<string, FieldSet>();
  const removed = new Map<string, FieldSet>();
  for (const element of new Set([...(left?.values.keys() ?? []), ...(right?.values.keys() ?? [])])) {
    const inner = compare(left?.values.get(element), right?.values.get(element), parts.structure(element));
    for (const [name, into] of [
      ["added", added],
      ["modified", modified],
      ["removed", removed],
    ] as const) {
      if (inner[name].member || inner[name].children.size > 0) into.set(element, inner[name]);
    }
  }
  return {
    added: { member: false, children: added },
    modified: { member: false, children: modified },
    removed: { member: false, children: removed },
  };
}
