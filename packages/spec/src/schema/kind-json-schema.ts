import type { Kind } from "../kinds/kind.ts";
import { schemas } from "../kinds/schemas.ts";
import { type JsonSchema, jsonSchemaOf } from "./json-schema.ts";

const known = new Map<Kind, JsonSchema>();

/** The JSON Schema of a kind, worked out once; not to be changed. */
export function kindJsonSchema(kind: Kind): JsonSchema {
  let schema = known.get(kind);
  if (schema === undefined) {
    schema = jsonSchemaOf(schemas[kind]);
    known.set(kind, schema);
  }
  return schema;
}

/** The schema one step further in: of a field, of a key of a map, or of an item of a list; undefined where there is none. */
export function schemaInside(schema: JsonSchema | undefined, step: PropertyKey): JsonSchema | undefined {
  if (schema?.items !== undefined) return schema.items;
  if (schema?.properties !== undefined && Object.hasOwn(schema.properties, step)) return schema.properties[String(step)];
  return schema?.additionalProperties;
}
