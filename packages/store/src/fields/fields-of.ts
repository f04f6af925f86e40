import type { FieldStructure } from "@slipway/spec";
import { emptySet, type FieldSet } from "./field-set.ts";
import { partsOf } from "./walk.ts";

/** The fields a configuration sets: what its manager owns once it is applied. List items and keys of maps count, parents that the schema names do not. */
export function fieldsOf(value: unknown, structure: FieldStructure): FieldSet {
  const parts = partsOf(value, structure);
  if (parts === undefined) return { member: true, children: new Map() };
  const children = new Map<string, FieldSet>();
  for (const [element, part] of parts.values) {
    const inner = partsOf(part, parts.structure(element));
    const set = inner === undefined ? emptySet : fieldsOf(part, parts.structure(element));
    const whole = inner === undefined || (inner.kind === "object" && inner.values.size === 0) || !parts.named(element);
    if (whole || set.children.size > 0) children.set(element, { member: whole, children: set.children });
  }
  return { member: false, children };
}
