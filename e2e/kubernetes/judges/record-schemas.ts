// `node e2e/kubernetes/judges/record-schemas.ts`: the schemas of the kinds we render, as the test cluster's API server publishes them, to schemas.json.
// Run it with `npm run cluster -- up`, when a kind is added or the cluster's version changes.
import { writeFileSync } from "node:fs";
import { kubectl } from "../../cluster/index.ts";
import { gatewayApiKinds, gatewayApiModule } from "./gateway-api.ts";
import { type RecordedSchemas, schemasPath } from "./recorded-schemas.ts";

type Json = { [name: string]: unknown };

/** Kinds of the API server that we render, by API version. */
const rendered: Readonly<Record<string, readonly string[]>> = {
  v1: ["ConfigMap", "Namespace", "Secret", "Service", "ServiceAccount"],
  "admissionregistration.k8s.io/v1": ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
  "apiextensions.k8s.io/v1": ["CustomResourceDefinition"],
  "apps/v1": ["Deployment"],
  "autoscaling/v2": ["HorizontalPodAutoscaler"],
  "coordination.k8s.io/v1": ["Lease"],
  "networking.k8s.io/v1": ["NetworkPolicy"],
  "policy/v1": ["PodDisruptionBudget"],
  "rbac.authorization.k8s.io/v1": ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
};

const definitions: Json = {};
const kinds: Record<string, string> = {};

for (const [apiVersion, names] of Object.entries(rendered)) {
  const path = apiVersion === "v1" ? "api/v1" : `apis/${apiVersion}`;
  const { components } = JSON.parse(await kubectl("get", "--raw", `/openapi/v3/${path}`)) as { components: { schemas: Json } };
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  for (const kind of names) {
    const [name] = Object.entries(components.schemas).find(([, schema]) =>
      (
        (schema as Json)["x-kubernetes-group-version-kind"] as { group: string; version: string; kind: string }[] | undefined
      )?.some((each) => each.group === group && each.version === version && each.kind === kind),
    )!;
    kinds[`${apiVersion}/${kind}`] = name;
    keep(name, components.schemas);
  }
}
kinds["gateway.networking.k8s.io/v1/HTTPRoute"] = "HTTPRoute";
definitions.HTTPRoute = compact(await httpRoute());

const server = JSON.parse(await kubectl("get", "--raw", "/version")) as { gitVersion: string };
const recorded: RecordedSchemas = { server: server.gitVersion, gatewayApi: gatewayApiModule, kinds, definitions };
writeFileSync(schemasPath, `${JSON.stringify(recorded)}\n`);
console.error(`${Object.keys(kinds).length} kinds, ${Object.keys(definitions).length} definitions of ${server.gitVersion}`);

/** Keeps a definition and all that it refers to. */
function keep(name: string, schemas: Json): void {
  if (name in definitions) return;
  const schema = compact(schemas[name]);
  definitions[name] = schema;
  for (const [, other] of JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)) keep(other!, schemas);
}

/** A schema without what people read and what only the server does. */
function compact(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  const { $ref, allOf, oneOf, anyOf, not, items, properties, additionalProperties, nullable, ...rest } = schema as Json;
  if (typeof $ref === "string") return { $ref: $ref.replace("#/components/schemas/", "#/$defs/") };
  const all = list(allOf);
  if (all?.length === 1 && properties === undefined && rest.type === undefined) return all[0];
  const kept = ["type", "enum", "required", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"];
  const facts = Object.fromEntries(kept.filter((name) => rest[name] !== undefined).map((name) => [name, rest[name]]));
  if (nullable === true && typeof facts.type === "string") facts.type = [facts.type, "null"];
  return {
    ...facts,
    ...(all && { allOf: all }),
    ...(oneOf === undefined ? {} : { oneOf: list(oneOf) }),
    ...(anyOf === undefined ? {} : { anyOf: list(anyOf) }),
    ...(not === undefined ? {} : { not: compact(not) }),
    ...(items === undefined ? {} : { items: compact(items) }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties as Json).map(([name, inner]) => [name, compact(inner)])) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: compact(additionalProperties) }),
    ...(rest["x-kubernetes-preserve-unknown-fields"] === true ? { additionalProperties: true } : {}),
  };
}

function list(schemas: unknown): unknown[] | undefined {
  return schemas === undefined ? undefined : (schemas as unknown[]).map(compact);
}

async function httpRoute(): Promise<unknown> {
  const definition = (await gatewayApiKinds()).find(({ metadata }) => metadata.name === "httproutes.gateway.networking.k8s.io");
  const { versions } = definition!.spec as { versions: { name: string; schema: { openAPIV3Schema: unknown } }[] };
  return versions.find(({ name }) => name === "v1")!.schema.openAPIV3Schema;
}
