import { kinds } from "../kinds/kinds.ts";
import { longestModelName } from "../model/model-rules.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { kindJsonSchema } from "../schema/kind-json-schema.ts";

/** A column as a CustomResourceDefinition declares it. */
export interface PrinterColumn {
  name: string;
  type: string;
  priority?: number;
  description: string;
  jsonPath: string;
}

/** A CustomResourceDefinition of apiextensions.k8s.io/v1, as plain JSON. */
export interface CustomResourceDefinition {
  apiVersion: "apiextensions.k8s.io/v1";
  kind: "CustomResourceDefinition";
  metadata: { name: string };
  spec: {
    group: string;
    scope: "Namespaced" | "Cluster";
    names: { kind: string; listKind: string; plural: string; singular: string; shortNames: string[]; categories: string[] };
    versions: {
      name: string;
      served: true;
      storage: true;
      schema: { openAPIV3Schema: JsonSchema };
      subresources: {
        status: Record<string, never>;
        scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath: string };
      };
      additionalPrinterColumns: PrinterColumn[];
    }[];
  };
}

/** What a cluster must be told to serve a kind of ours: the same schema, defaults and rules as here. */
export function crd(kind: "Model" | "Revision"): CustomResourceDefinition {
  const info = kinds[kind];
  const scale = {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.replicas",
    labelSelectorPath: ".status.selector",
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${info.plural}.${info.group}` },
    spec: {
      group: info.group,
      scope: info.namespaced ? "Namespaced" : "Cluster",
      names: {
        kind,
        listKind: `${kind}List`,
        plural: info.plural,
        singular: info.singular,
        shortNames: [...info.shortNames],
        categories: [...info.categories],
      },
      versions: [
        {
          name: info.version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: customResourceSchema(kind) },
          subresources: { status: {}, ...(info.subresources.scale ? { scale } : {}) },
          additionalPrinterColumns: printerColumns(kind),
        },
      ],
    },
  };
}

/** The API server checks apiVersion, kind and metadata itself, and lets a schema say little about them. */
function customResourceSchema(kind: "Model" | "Revision"): JsonSchema {
  const schema = kindJsonSchema(kind);
  return {
    ...schema,
    properties: {
      ...schema.properties,
      apiVersion: { type: "string", description: "Version of this schema." },
      kind: { type: "string", description: "The kind of this object." },
      metadata: {
        type: "object",
        ...(kind === "Model" ? { properties: { name: { type: "string", maxLength: longestModelName } } } : {}),
      },
    },
    required: ["spec"],
  };
}

/** The name is always shown first by the API server itself. */
function printerColumns(kind: "Model" | "Revision"): PrinterColumn[] {
  const columns: PrinterColumn[] = [];
  for (const { name, type, priority, description, jsonPath, format } of kinds[kind].columns) {
    if (jsonPath === undefined || format === "name") continue;
    columns.push({ name, type, description, jsonPath, ...(priority === 0 ? {} : { priority }) });
  }
  return columns;
}
