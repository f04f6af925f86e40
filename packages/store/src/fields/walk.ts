import type { FieldStructure } from "@slipway/spec";
import { isObject } from "./is-object.ts";
import { fieldElement, itemsByElement } from "./path-element.ts";

const leaf: FieldStructure = { type: "atomic" };

/** What of a value has owners of its own: its parts by path element. Undefined for a value that is owned as a whole. */
export interface Parts {
  readonly kind: "object" | "list";
  readonly values: ReadonlyMap<string, unknown>;
  structure(element: string): FieldStructure;
  /** Whether the element is a field that the schema names, rather than a key of a map or an item of a list. */
  named(element: string): boolean;
}

/** Takes a value apart by its structure. A value of another shape than the structure says is one leaf; validation refuses it later. */
export function partsOf(value: unknown, structure: FieldStructure): Parts | undefined {
  if (structure.type === "object" && isObject(value)) {
    const named = (element: string) => Object.hasOwn(structure.fields, element.slice(2));
    return {
      kind: "object",
      values: new Map(Object.entries(value).map(([name, field]) => [fieldElement(name), field])),
      structure: (element) => (named(element) ? structure.fields[element.slice(2)]! : (structure.additional ?? leaf)),
      named,
    };
  }
  if ((structure.type === "map-list" || structure.type === "set-list") && Array.isArray(value)) {
    const values = itemsByElement(structure, value);
    if (values === undefined) return undefined;
    return {
      kind: "list",
      values,
      structure: () => (structure.type === "map-list" ? structure.item : leaf),
      named: () => false,
    };
  }
  return undefined;
}
