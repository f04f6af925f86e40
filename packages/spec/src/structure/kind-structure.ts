import type { Kind } from "../kinds/kind.ts";
import { kindJsonSchema } from "../schema/kind-json-schema.ts";
import type { FieldStructure } from "./field-structure.ts";
import { structureOf } from "./structure-of.ts";

const known = new Map<Kind, FieldStructure>();

/** The structure of a kind for server-side apply, worked out once. Look fields up with `Object.hasOwn`: names come from outside. */
export function fieldStructure(kind: Kind): FieldStructure {
  let structure = known.get(kind);
  if (structure === undefined) {
    structure = structureOf(kindJsonSchema(kind));
    known.set(kind, structure);
  }
  return structure;
}
