import { type Kind, type KindInfo, kinds, openApiName, openApiSchemas } from "@slipway/spec";
import { basePath } from "../resource/resource-routes.ts";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";

/** The OpenAPI v3 document of one group and version: schemas, and the operations that kubectl looks for parameters in. */
export function openApiDocument(apiVersion: string, productVersion: string): unknown {
  const found = (Object.values(kinds) as KindInfo[]).filter((info) => info.apiVersion === apiVersion);
  return {
    openapi: "3.0.0",
    info: { title: "Slipway", version: productVersion },
    paths: Object.fromEntries(found.flatMap(pathsOf)),
    ...openApiSchemas(apiVersion),
  };
}

function pathsOf(info: KindInfo): [string, unknown][] {
  const base = basePath(info);
  const collection = info.namespaced ? `${base}/namespaces/{namespace}/${info.plural}` : `${base}/${info.plural}`;
  const scope = info.namespaced ? [inPath("namespace")] : [];
  const subresources: [string, unknown][] = info.subresources.status
    ? [[`${collection}/{name}/status`, objectOperations(info, [...scope, inPath("name")])]]
    : [];
  return [
    [collection, collectionOperations(info, scope)],
    [
      `${collection}/{name}`,
      { ...objectOperations(info, [...scope, inPath("name")]), delete: operation(info, "delete", [dryRun], `${meta}.Status`) },
    ],
    ...subresources,
  ];
}

function collectionOperations(info: KindInfo, parameters: unknown[]): unknown {
  return {
    parameters,
    get: operation(
      info,
      "list",
      [query("labelSelector"), query("fieldSelector"), query("limit"), query("continue"), query("watch")],
      `${schemaName(info)}List`,
    ),
    post: {
      ...operation(info, "post", writeParameters, schemaName(info)),
      requestBody: body(["application/json", "application/yaml"], schemaName(info)),
    },
    delete: operation(
      info,
      "deletecollection",
      [query("labelSelector"), query("fieldSelector"), dryRun],
      `${schemaName(info)}List`,
    ),
  };
}

function objectOperations(info: KindInfo, parameters: unknown[]): object {
  const patchTypes = ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"];
  return {
    parameters,
    get: operation(info, "get", [], schemaName(info)),
    put: {
      ...operation(info, "put", writeParameters, schemaName(info)),
      requestBody: body(["application/json", "application/yaml"], schemaName(info)),
    },
    patch: {
      ...operation(info, "patch", [...writeParameters, query("force")], schemaName(info)),
      requestBody: body(patchTypes, `${meta}.Patch`),
    },
  };
}

function operation(info: KindInfo, action: string, parameters: unknown[], answer: string): object {
  const { group, version, kind } = info;
  return {
    operationId: `${action}${kind}`,
    parameters,
    responses: { "200": { description: "OK", content: content(["application/json"], answer) } },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": { group, version, kind },
  };
}

function body(types: readonly string[], schema: string): object {
  return { required: true, content: content(types, schema) };
}

function content(types: readonly string[], schema: string): object {
  return Object.fromEntries(types.map((type) => [type, { schema: { $ref: `#/components/schemas/${schema}` } }]));
}

function schemaName(info: KindInfo): string {
  return openApiName(info.kind as Kind);
}

function inPath(name: string): unknown {
  return { name, in: "path", required: true, schema: { type: "string" } };
}

function query(name: string, description?: string): unknown {
  return { name, in: "query", ...(description === undefined ? {} : { description }), schema: { type: "string" } };
}

const dryRun = query("dryRun", "All: check everything, change nothing.");

const writeParameters = [
  dryRun,
  query("fieldManager", "Who owns the fields this request writes."),
  query("fieldValidation", "Ignore, Warn or Strict. Unknown and duplicate fields are refused whatever it says."),
];
