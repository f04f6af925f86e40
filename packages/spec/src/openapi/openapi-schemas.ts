import type { Kind } from "../kinds/kind.ts";
import { kinds } from "../kinds/kinds.ts";
import { deleteOptionsSchema } from "../meta/delete-options.ts";
import { listMetaSchema } from "../meta/list-meta.ts";
import { objectMetaSchema } from "../meta/object-meta.ts";
import { scaleSchema } from "../meta/scale.ts";
import { statusSchema } from "../meta/status.ts";
import { type JsonSchema, jsonSchemaOf } from "../schema/json-schema.ts";
import { kindJsonSchema } from "../schema/kind-json-schema.ts";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const everyKind = Object.keys(kinds) as Kind[];

/** The name of a kind in `components.schemas`, as Kubernetes names its own and those of custom resources. */
export function openApiName(kind: Kind): string {
  const { group, version } = kinds[kind];
  return group === "" ? `io.k8s.api.core.${version}.${kind}` : `${group.split(".").reverse().join(".")}.${version}.${kind}`;
}

/** The OpenAPI v3 schema of one kind; its metadata is a `$ref` into {@link openApiSchemas}. */
export function openApiSchema(kind: Kind): JsonSchema {
  const { group, version } = kinds[kind];
  const schema = withMetaRefs(kindJsonSchema(kind));
  return { ...schema, "x-kubernetes-group-version-kind": [{ group, version, kind }] };
}

/**
 * OpenAPI v3 schemas of the kinds of one API version (or of all), their lists, and what the verbs on them take and give: ObjectMeta, ListMeta,
 * Status, DeleteOptions, Patch, Scale. Every field has a description: `kubectl explain` prints it.
 */
export function openApiSchemas(apiVersion?: string): { components: { schemas: Record<string, JsonSchema> } } {
  const found = everyKind.filter((kind) => apiVersion === undefined || kinds[kind].apiVersion === apiVersion);
  const components: Record<string, JsonSchema> = {};
  for (const kind of found) {
    components[openApiName(kind)] = openApiSchema(kind);
    components[`${openApiName(kind)}List`] = listSchema(kind);
  }
  components[`${meta}.ObjectMeta`] = jsonSchemaOf(objectMetaSchema);
  components[`${meta}.ListMeta`] = jsonSchemaOf(listMetaSchema);
  components[`${meta}.Status`] = {
    ...withMetaRefs(jsonSchemaOf(statusSchema)),
    "x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "Status" }],
  };
  components[`${meta}.DeleteOptions`] = {
    ...jsonSchemaOf(deleteOptionsSchema),
    "x-kubernetes-group-version-kind": groupVersions(found).map((each) => ({ ...each, kind: "DeleteOptions" })),
  };
  components[`${meta}.Patch`] = { type: "object", description: "A patch, in the format its content type names." };
  if (found.some((kind) => kinds[kind].subresources.scale)) {
    components["io.k8s.api.autoscaling.v1.Scale"] = {
      ...withMetaRefs(jsonSchemaOf(scaleSchema)),
      "x-kubernetes-group-version-kind": [{ group: "autoscaling", version: "v1", kind: "Scale" }],
    };
  }
  return { components: { schemas: components } };
}

/** Kubernetes describes apiVersion and kind without naming the only value they have. */
function withMetaRefs(schema: JsonSchema): JsonSchema {
  const properties = { ...schema.properties };
  for (const name of ["apiVersion", "kind"]) {
    const { enum: _, ...plain } = properties[name] ?? {};
    properties[name] = plain;
  }
  // A Status carries list metadata, as in Kubernetes.
  const isList = properties.metadata?.properties?.name === undefined;
  if (properties.metadata !== undefined) properties.metadata = reference(isList ? "ListMeta" : "ObjectMeta", properties.metadata);
  return { ...schema, properties };
}

function reference(name: "ListMeta" | "ObjectMeta", replaced: JsonSchema): JsonSchema {
  return {
    ...(replaced.description === undefined ? {} : { description: replaced.description }),
    default: {},
    allOf: [{ $ref: `#/components/schemas/${meta}.${name}` }],
  };
}

function listSchema(kind: Kind): JsonSchema {
  const { group, version, plural } = kinds[kind];
  return {
    type: "object",
    description: `A list of ${plural}.`,
    properties: {
      apiVersion: { type: "string", description: "Version of this schema." },
      kind: { type: "string", description: "The kind of this object." },
      metadata: reference("ListMeta", { description: "Standard list metadata." }),
      items: {
        type: "array",
        description: `The ${plural}.`,
        items: { default: {}, allOf: [{ $ref: `#/components/schemas/${openApiName(kind)}` }] },
      },
    },
    required: ["items"],
    "x-kubernetes-group-version-kind": [{ group, version, kind: `${kind}List` }],
  };
}

function groupVersions(found: readonly Kind[]): { group: string; version: string }[] {
  const distinct = new Map(
    found.map((kind) => [kinds[kind].apiVersion, { group: kinds[kind].group, version: kinds[kind].version }]),
  );
  return [...distinct.values()];
}
