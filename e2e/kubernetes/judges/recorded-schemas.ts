import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crd } from "@slipway/spec";

/** JSON schemas of the kinds we render, recorded by `record-schemas.ts`. */
export interface RecordedSchemas {
  /** Version of the API server. */
  readonly server: string;
  /** Module of the Gateway API. */
  readonly gatewayApi: string;
  /** API version and kind → definition. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, unknown>>;
}

type Schema = { [name: string]: unknown };

/** Where they are. */
export const schemasPath = join(import.meta.dirname, "schemas.json");

/** Writes one file for each kind into `folder`, ours included, strictly: a field that no schema knows is an error. Gives the location to tell kubeconform. */
export function writeSchemaFolder(folder: string): string {
  const { kinds, definitions } = JSON.parse(readFileSync(schemasPath, "utf8")) as RecordedSchemas;
  const strict = Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, strictly(schema)]));
  for (const [kind, name] of Object.entries(kinds)) write(folder, kind, { $ref: `#/$defs/${name}`, $defs: strict });
  for (const kind of ["Model", "Revision"] as const) {
    const { group, versions } = crd(kind).spec;
    const [version] = versions;
    const own = { $defs: { ObjectMeta: strict["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"], ...strict } };
    const schema = strictly(version!.schema.openAPIV3Schema) as { properties: Schema };
    // A CustomResourceDefinition leaves metadata to the server.
    const properties = { ...schema.properties, metadata: { $ref: "#/$defs/ObjectMeta" } };
    write(folder, `${group}/${version!.name}/${kind}`, { ...schema, properties, ...own });
  }
  return `${folder}/{{.ResourceAPIVersion}}/{{.ResourceKind}}.json`;
}

function write(folder: string, apiVersionAndKind: string, schema: object): void {
  const [kind, version] = apiVersionAndKind.split("/").reverse();
  mkdirSync(join(folder, version!), { recursive: true });
  writeFileSync(join(folder, version!, `${kind!.toLowerCase()}.json`), JSON.stringify(schema));
}

/** The same schema, where an object has no fields but those it names. */
function strictly(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strictly);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema as Schema).map(([key, value]) => [
      key,
      key === "properties"
        ? Object.fromEntries(Object.entries(value as Schema).map(([name, each]) => [name, strictly(each)]))
        : strictly(value),
    ]),
  );
  const closed =
    "properties" in inner && !("additionalProperties" in inner) && inner["x-kubernetes-preserve-unknown-fields"] !== true;
  return closed ? { ...inner, additionalProperties: false } : inner;
}
