import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonSchema } from "../schema/json-schema.ts";
import { crd } from "./crd.ts";

const kinds = ["Model", "Revision"] as const;

function schemaOf(kind: "Model" | "Revision"): JsonSchema {
  return crd(kind).spec.versions[0]?.schema.openAPIV3Schema ?? {};
}

/** What a structural schema may hold; the API server refuses anything else. */
const allowed = new Set(
  "type description default format enum pattern minLength maxLength minimum maximum minItems maxItems maxProperties properties required additionalProperties items x-kubernetes-int-or-string x-kubernetes-list-type x-kubernetes-list-map-keys x-kubernetes-map-type x-kubernetes-preserve-unknown-fields x-kubernetes-validations".split(
    " ",
  ),
);

function* walk(schema: JsonSchema, path: string): Generator<{ path: string; schema: JsonSchema }> {
  yield { path, schema };
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield* walk(property, `${path}.${name}`);
  if (schema.items !== undefined) yield* walk(schema.items, `${path}[]`);
  if (schema.additionalProperties !== undefined) yield* walk(schema.additionalProperties, `${path}.*`);
}

for (const kind of kinds) {
  test(`crd() of ${kind} has a structural schema`, () => {
    for (const { path, schema } of walk(schemaOf(kind), kind)) {
      assert.deepEqual(
        Object.keys(schema).filter((key) => !allowed.has(key)),
        [],
        path,
      );
      assert.equal(
        schema.type === undefined,
        schema["x-kubernetes-int-or-string"] === true,
        `${path}: a type, or an int-or-string`,
      );
      assert.ok(
        schema.properties === undefined || schema.additionalProperties === undefined,
        `${path}: properties exclude additionalProperties`,
      );
    }
  });

  test(`crd() of ${kind} is plain JSON`, () => assert.deepEqual(JSON.parse(JSON.stringify(crd(kind))), crd(kind)));
}

test("crd() of Model has the defaults that parse() fills in, and no default for maxReplicas", () => {
  const { properties = {} } = schemaOf("Model").properties?.spec ?? {};
  assert.deepEqual(properties.scaling?.default, {});
  assert.equal(properties.scaling?.properties?.minReplicas?.default, 1);
  assert.ok(!Object.hasOwn(properties.scaling?.properties?.maxReplicas ?? {}, "default"));
  assert.deepEqual(properties.parameters?.default, {});
  assert.deepEqual(properties.resources?.default, {});
  assert.equal(properties.samples?.properties?.verify?.default, true);
  assert.equal(properties.samples?.properties?.tolerance?.properties?.relative?.default, 1e-5);
});

test("crd() of Model carries the rules across fields", () => {
  const rules = [...walk(schemaOf("Model"), "")].flatMap(({ path, schema }) =>
    (schema["x-kubernetes-validations"] ?? []).map(({ message }) => `${path}: ${message}`),
  );
  assert.deepEqual(rules, [
    ": traffic must name revisions of this model",
    ".spec: replicas must be at most scaling.maxReplicas",
    ".spec: a metric needs the same of resources: its target is a percent of it",
    ".spec.source: a path is read by the slipway command only; use `slipway apply -f FILE`, or `slipway build -f FILE -o yaml` and apply what it prints",
    ".spec.source: a uri is read by the slipway command only; use `slipway apply -f FILE`, or `slipway build -f FILE -o yaml` and apply what it prints",
    ".spec.source: bundle is required",
    ".spec.resources.cpu: must be a quantity of at least 1m, such as 500m",
    ".spec.resources.memory: must be a quantity of at least 1Mi, such as 256Mi",
    ".spec.resources.gpu.name: must be a resource of a device plugin, such as nvidia.com/gpu",
    ".spec.scaling: minReplicas must be at most maxReplicas",
    ".spec.traffic: the percents must add up to 100",
    ".spec.secrets: each env must be there once",
    ".spec.secrets: each file must be there once, and none may be a directory of another",
    ".spec.secrets[]: either env or file is required",
    ".spec.secrets[].env: this variable decides how Slipway itself runs",
    ".spec.secrets[].file: this place is the image's or the system's own; use /run/secrets",
    ".spec.placement.nodeSelector: each key must be one that a label can have",
    ".spec.placement.tolerations[]: a toleration without a key needs operator: Exists",
    ".spec.placement.tolerations[]: a value needs operator: Equal",
    ".spec.placement.tolerations[]: tolerationSeconds needs effect: NoExecute",
    ".spec.network.egress[].cidr: must be a network such as 10.1.0.0/16, with nothing set behind its prefix",
    ".spec.network.egress[].cidr: a cloud's metadata service is never reachable from a model",
  ]);
});

test("crd() has names, subresources and columns", () => {
  const { metadata, spec } = crd("Model");
  assert.equal(metadata.name, "models.slipway.dev");
  assert.deepEqual(spec.names, {
    kind: "Model",
    listKind: "ModelList",
    plural: "models",
    singular: "model",
    shortNames: ["mdl"],
    categories: ["all", "slipway"],
  });
  const [version] = spec.versions;
  assert.deepEqual(version?.subresources, {
    status: {},
    scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas", labelSelectorPath: ".status.selector" },
  });
  assert.deepEqual(
    version?.additionalPrinterColumns.map(({ name, priority = 0 }) => [name, priority]),
    [
      ["Ready", 0],
      ["Replicas", 0],
      ["Revision", 0],
      ["URL", 1],
      ["Image", 1],
      ["Age", 0],
    ],
  );
  assert.deepEqual(crd("Revision").spec.versions[0]?.subresources, { status: {} });
  assert.deepEqual(
    crd("Revision").spec.versions[0]?.additionalPrinterColumns.map(({ name }) => name),
    ["Model", "Number", "State", "Replicas", "Bundle", "Image", "Age"],
  );
});
