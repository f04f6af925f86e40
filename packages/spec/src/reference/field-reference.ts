import type { Kind } from "../kinds/kind.ts";
import { kinds } from "../kinds/kinds.ts";
import { objectMetaSchema } from "../meta/object-meta.ts";
import { type JsonSchema, jsonSchemaOf } from "../schema/json-schema.ts";
import { kindJsonSchema } from "../schema/kind-json-schema.ts";

/** One field of a kind, as documentation shows it. */
export interface FieldDocument {
  /** `spec.traffic[].percent`; `*` stands for any key. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  /** JSON of the default, if there is one. */
  readonly default?: string;
  readonly description: string;
}

/** Every field of a kind, in the order of its schema; metadata is one row, as all kinds share it. */
export function fieldDocuments(kind: Kind): FieldDocument[] {
  const schema = kindJsonSchema(kind);
  const { properties: _, ...metadata } = schema.properties?.metadata ?? {};
  return fieldsOf({ ...schema, properties: { ...schema.properties, metadata } }, "");
}

/** The Markdown reference of every field of every kind: path, type, default, description. */
export function fieldReference(): string {
  const lines = [
    "# Fields",
    "",
    "Every field of every kind. A field that is not here is refused, with the name of the one that was probably meant. `[]` stands for each item of a",
    "list, `*` for any key. `slipway explain` and `kubectl explain` print the same text.",
  ];
  for (const kind of Object.keys(kinds) as Kind[]) {
    lines.push("", `## ${kind}`, "", `\`apiVersion: ${kinds[kind].apiVersion}\`. ${kindJsonSchema(kind).description ?? ""}`, "");
    lines.push(...table(fieldDocuments(kind)));
  }
  lines.push("", "## metadata of every kind", "", ...table(fieldsOf(jsonSchemaOf(objectMetaSchema), "metadata")), "");
  return lines.join("\n");
}

function table(fields: readonly FieldDocument[]): string[] {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  return [
    "| Field | Type | Default | Description |",
    "| --- | --- | --- | --- |",
    ...fields.map(({ path, type, required, default: value, description }) => {
      const fallback = value === undefined ? (required ? "required" : "") : `\`${value}\``;
      return `| \`${path}\` | ${cell(type)} | ${cell(fallback)} | ${cell(description)} |`;
    }),
  ];
}

function fieldsOf(schema: JsonSchema, prefix: string): FieldDocument[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const field: FieldDocument = {
      path,
      type: typeText(property),
      required: schema.required?.includes(name) ?? false,
      ...(property.default === undefined ? {} : { default: JSON.stringify(property.default) }),
      description: property.description ?? "",
    };
    return [field, ...insideOf(property, path)];
  });
}

function insideOf(schema: JsonSchema, path: string): FieldDocument[] {
  if (schema.items !== undefined) return fieldsOf(schema.items, `${path}[]`);
  if (schema.additionalProperties !== undefined) return fieldsOf(schema.additionalProperties, `${path}.*`);
  return fieldsOf(schema, path);
}

function typeText(schema: JsonSchema): string {
  if (schema["x-kubernetes-int-or-string"]) return `number or text${range(schema)}`;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(" or ");
  if (schema.type === "array") {
    const keys = schema["x-kubernetes-list-map-keys"];
    const kind = schema["x-kubernetes-list-type"];
    return `list of ${typeText(schema.items ?? {})}${keys === undefined ? "" : ` by ${keys.join(", ")}`}${kind === "set" ? ", no duplicates" : ""}`;
  }
  if (schema.type === "object")
    return schema.additionalProperties === undefined ? "object" : `${typeText(schema.additionalProperties)} by key`;
  if (schema.type === "integer") return `integer${range(schema)}`;
  if (schema.type === "string") return schema.format === "date-time" ? "time" : schema.format === "byte" ? "base64" : "text";
  return `${schema.type ?? "anything"}${range(schema)}`;
}

function range({ minimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  return maximum === undefined ? "" : `, at most ${maximum}`;
}
