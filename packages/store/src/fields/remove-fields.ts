import type { FieldStructure } from "@slipway/spec";
import type { FieldSet } from "./field-set.ts";
import { itemElement } from "./path-element.ts";
import { partsOf } from "./walk.ts";

/** The value without the fields and items in `set`; undefined once nothing is left of a value that had some of them. */
export function removeFields(value: unknown, set: FieldSet, structure: FieldStructure): unknown {
  const parts = partsOf(value, structure);
  if (parts === undefined || set.children.size === 0) return value;
  const keep = (element: string, part: unknown): unknown => {
    const inner = set.children.get(element);
    if (inner === undefined) return part;
    return inner.member ? undefined : removeFields(part, inner, parts.structure(element));
  };
  if (structure.type === "map-list" || structure.type === "set-list") {
    const items = (value as readonly unknown[])
      .map((item) => keep(itemElement(structure, item)!, item))
      .filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  const fields = [...parts.values]
    .map(([element, part]) => [element.slice(2), keep(element, part)] as const)
    .filter(([, part]) => part !== undefined);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}
