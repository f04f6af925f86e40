import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../kinds/kind.ts";
import { kinds } from "../kinds/kinds.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { openApiName, openApiSchemas } from "./openapi-schemas.ts";

const { schemas } = openApiSchemas().components;

/** Every schema inside, with its path. */
function* walk(schema: JsonSchema, path: string): Generator<{ path: string; schema: JsonSchema }> {
  yield { path, schema };
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield* walk(property, `${path}.${name}`);
  if (schema.items !== undefined) yield* walk(schema.items, `${path}[]`);
  if (schema.additionalProperties !== undefined) yield* walk(schema.additionalProperties, `${path}.*`);
  for (const part of schema.allOf ?? []) yield* walk(part, path);
}

const all = Object.entries(schemas).flatMap(([name, schema]) => [...walk(schema, name)]);

test("openApiSchemas() describes every field", () => {
  const silent = all.filter(({ schema }) => Object.values(schema.properties ?? {}).some((property) => !property.description));
  assert.deepEqual(
    silent.map(({ path }) => path),
    [],
  );
  assert.deepEqual(
    Object.entries(schemas).filter(([, schema]) => !schema.description),
    [],
  );
});

test("openApiSchemas() refers only to what it has", () => {
  const names = all.flatMap(({ schema }) =>
    schema.$ref === undefined ? [] : [schema.$ref.replace("#/components/schemas/", "")],
  );
  assert.ok(names.length > 10);
  assert.deepEqual(
    names.filter((name) => !Object.hasOwn(schemas, name)),
    [],
  );
});

test("openApiSchemas() names the keys of every keyed list, and they are required fields of its items", () => {
  const lists = all.filter(({ schema }) => schema["x-kubernetes-list-type"] === "map");
  assert.ok(lists.length >= 10);
  for (const { path, schema } of lists) {
    for (const key of schema["x-kubernetes-list-map-keys"] ?? [""])
      assert.ok(schema.items?.required?.includes(key), `${path} by ${key}`);
  }
});

test("openApiSchemas() says how every list merges", () => {
  const lists = all.filter(({ schema, path }) => schema.type === "array" && !/List\.items$/.test(path));
  assert.deepEqual(
    lists.filter(({ schema }) => schema["x-kubernetes-list-type"] === undefined).map(({ path }) => path),
    [],
  );
});

test("openApiSchemas() tells the group, version and kind of every kind and list", () => {
  for (const kind of Object.keys(kinds) as Kind[]) {
    const { group, version } = kinds[kind];
    const names = [schemas[openApiName(kind)], schemas[`${openApiName(kind)}List`]].map(
      (schema) => schema?.["x-kubernetes-group-version-kind"],
    );
    assert.deepEqual(names, [[{ group, version, kind }], [{ group, version, kind: `${kind}List` }]]);
  }
});

test("openApiSchemas() of one version has its kinds only", () => {
  const names = Object.keys(openApiSchemas("v1").components.schemas);
  assert.deepEqual(
    names.filter((name) => !name.includes(".apis.meta.")),
    ["Namespace", "NamespaceList", "Secret", "SecretList", "Event", "EventList"].map((name) => `io.k8s.api.core.v1.${name}`),
  );
  const own = openApiSchemas("slipway.dev/v1alpha1").components.schemas;
  assert.ok(Object.hasOwn(own, "dev.slipway.v1alpha1.Model"));
  assert.ok(Object.hasOwn(own, "io.k8s.api.autoscaling.v1.Scale"));
  assert.deepEqual(own["io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"]?.["x-kubernetes-group-version-kind"], [
    { group: "slipway.dev", version: "v1alpha1", kind: "DeleteOptions" },
  ]);
});
