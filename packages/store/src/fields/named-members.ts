import type { FieldStructure } from "@slipway/spec";
import type { FieldSet } from "./field-set.ts";

/** The set, and with it every parent that the schema names as a field; keys of maps and items of lists only if they are in it already. */
export function namedMembers(set: FieldSet, structure: FieldStructure): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, child] of set.children) {
    const named = structure.type === "object" && Object.hasOwn(structure.fields, element.slice(2));
    const inner = namedMembers(child, childStructure(structure, element));
    children.set(element, { member: child.member || (named && child.children.size > 0), children: inner.children });
  }
  return { member: set.member, children };
}

function childStructure(structure: FieldStructure, element: string): FieldStructure {
  if (structure.type === "map-list") return structure.item;
  if (structure.type !== "object") return { type: "atomic" };
  const name = element.slice(2);
  return Object.hasOwn(structure.fields, name) ? structure.fields[name]! : (structure.additional ?? { type: "atomic" });
}
