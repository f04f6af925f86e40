import type { FieldStructure } from "@slipway/spec";
import { isObject } from "../fields/is-object.ts";

/** An applied configuration without the known fields that are null: null means "not set", as `parse` reads it too, so nobody comes to own it. */
export function dropNulls(value: unknown, structure: FieldStructure | undefined): unknown {
  if (structure?.type === "object" && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, field]) => {
        const inner = Object.hasOwn(structure.fields, name) ? structure.fields[name] : structure.additional;
        return inner !== undefined && (field === null || field === undefined) ? [] : [[name, dropNulls(field, inner)]];
      }),
    );
  }
  if (structure?.type === "map-list" && Array.isArray(value)) return value.map((item) => dropNulls(item, structure.item));
  return value;
}
