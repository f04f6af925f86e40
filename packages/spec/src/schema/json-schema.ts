import { z } from "zod";

/** A JSON Schema in the dialect of OpenAPI 3.0 with Kubernetes' extensions; `$ref` only where {@link openApiSchemas} puts it. */
export interface JsonSchema {
  type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  description?: string;
  default?: unknown;
  format?: string;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema;
  items?: JsonSchema;
  allOf?: JsonSchema[];
  $ref?: string;
  "x-kubernetes-int-or-string"?: true;
  "x-kubernetes-list-type"?: "map" | "set" | "atomic";
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-map-type"?: "atomic";
  "x-kubernetes-preserve-unknown-fields"?: true;
  "x-kubernetes-validations"?: { rule: string; message: string }[];
  "x-kubernetes-group-version-kind"?: { group: string; version: string; kind: string }[];
}

/** The JSON Schema of what a schema takes (defaults not yet applied): a structural schema as Kubernetes wants it, without `$ref`. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return structural(z.toJSONSchema(schema, { io: "input", target: "openapi-3.0", unrepresentable: "any" }) as RawSchema);
}

type RawSchema = Omit<JsonSchema, "additionalProperties"> & { anyOf?: unknown; additionalProperties?: unknown };

/** Keeps what a structural schema may have, in a fixed order, and drops what only zod needs. */
function structural(raw: RawSchema): JsonSchema {
  const { anyOf: _, additionalProperties, properties, items, ...kept } = raw;
  const schema: JsonSchema = { ...kept };
  delete (schema as { $schema?: unknown }).$schema;
  if (schema["x-kubernetes-int-or-string"]) delete schema.type;
  if (schema.format === "date-time") delete schema.pattern;
  if (schema.type === "integer") {
    schema.format ??= "int64";
    // zod's bounds of a safe integer: true, but noise for a reader.
    if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
    if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  }
  if (schema.type === "number") schema.format ??= "double";
  if (items !== undefined) schema.items = structural(items);
  if (properties !== undefined) {
    schema.properties = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, structural(property)]));
  }
  if (isSchema(additionalProperties)) {
    if (Object.keys(additionalProperties).length === 0) schema["x-kubernetes-preserve-unknown-fields"] = true;
    else schema.additionalProperties = structural(additionalProperties);
  }
  return schema;
}

function isSchema(value: unknown): value is RawSchema {
  return typeof value === "object" && value !== null;
}
