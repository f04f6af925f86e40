import type { JsonSchema } from "../schema/json-schema.ts";
import type { FieldStructure } from "./field-structure.ts";

/** The structure that a JSON Schema with Kubernetes' list and map types describes. */
export function structureOf(schema: JsonSchema): FieldStructure {
  if (schema.type === "array") return listStructure(schema);
  if (schema.type !== "object") return { type: "scalar" };
  if (schema["x-kubernetes-map-type"] === "atomic" || schema["x-kubernetes-preserve-unknown-fields"]) return { type: "atomic" };
  const fields = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, property]) => [name, structureOf(property)]),
  );
  if (schema.additionalProperties === undefined) return { type: "object", fields };
  return { type: "object", fields, additional: structureOf(schema.additionalProperties) };
}

function listStructure(schema: JsonSchema): FieldStructure {
  const listType = schema["x-kubernetes-list-type"];
  if (listType === "set") return { type: "set-list" };
  if (listType !== "map" || schema.items === undefined) return { type: "atomic" };
  return { type: "map-list", keys: schema["x-kubernetes-list-map-keys"] ?? [], item: structureOf(schema.items) };
}
