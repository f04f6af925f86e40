import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Model } from "../model/model-schema.ts";
import { parse } from "../parse/parse.ts";
import { smallModel } from "../test-data/full-resources.ts";
import { modelWith, otherFields, revisionMakingFields } from "../test-data/model-values.ts";
import { canonicalJson } from "./canonical-json.ts";
import { revisionName } from "./revision-name.ts";
import { revisionTemplate } from "./revision-template.ts";

function model(value: unknown): Model {
  const parsed = parse("Model", value, { source: "api" });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

const nameOf = (spec: Record<string, unknown>) => revisionName(model(smallModel(spec)));

// A change here renames every revision of every user: it must not happen by accident.
test("revisionName() is what it always was", () => {
  assert.equal(nameOf({}), "digits-897b2a7f54");
  assert.equal(nameOf({ parameters: { b: "2", a: "1" }, resources: { cpu: "500m", memory: "256Mi" } }), "digits-063c54c15c");
});

test("revisionName() does not depend on scaling, replicas, traffic, samples and network", () => {
  fc.assert(
    fc.property(revisionMakingFields, otherFields, otherFields, (fields, one, other) => {
      assert.equal(revisionName(model(modelWith(fields, one))), revisionName(model(modelWith(fields, other))));
    }),
  );
});

test("revisionName() differs when the template does", () => {
  fc.assert(
    fc.property(revisionMakingFields, revisionMakingFields, (one, other) => {
      const [a, b] = [model(modelWith(one)), model(modelWith(other))];
      assert.equal(
        revisionName(a) === revisionName(b),
        canonicalJson(revisionTemplate(a)) === canonicalJson(revisionTemplate(b)),
      );
    }),
  );
});

test("revisionName() is a name the Revision schema takes", () => {
  assert.match(nameOf({}), /^digits-[0-9a-f]{10}$/);
  const longest = revisionName(model(smallModel({}, "x".repeat(52))));
  assert.equal(longest.length, 63);
});

const tensor = (name: string) => ({ name, datatype: "FP32", shape: [-1] });
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

const same: [what: string, one: Record<string, unknown>, other: Record<string, unknown>][] = [
  ["the bundle's name", { source: { bundle: `digits@${digest}` } }, { source: { bundle: digest } }],
  ["the order of parameters", { parameters: { a: "1", b: "2" } }, { parameters: { b: "2", a: "1" } }],
  ["how a CPU amount is written", { resources: { cpu: "0.5" } }, { resources: { cpu: "500m" } }],
  ["how a memory amount is written", { resources: { memory: "1Gi" } }, { resources: { memory: 1073741824 } }],
  [
    "the order of tensors",
    { signature: { inputs: [tensor("a"), tensor("b")], outputs: [] } },
    { signature: { inputs: [tensor("b"), tensor("a")], outputs: [] } },
  ],
  ["defaults being written out", {}, { parameters: {}, resources: {}, secrets: [], placement: {} }],
  [
    "lists and maps of a placement that are empty",
    {},
    { placement: { nodeSelector: {}, tolerations: [], imagePullSecrets: [] } },
  ],
  [
    "the order in a placement",
    {
      placement: {
        spread: ["zone", "node"],
        tolerations: [{ key: "a" }, { key: "b", operator: "Equal" }],
        nodeSelector: { a: "1", b: "2" },
      },
    },
    { placement: { spread: ["node", "zone"], tolerations: [{ key: "b" }, { key: "a" }], nodeSelector: { b: "2", a: "1" } } },
  ],
  [
    "the order of secrets, and a key that goes without saying",
    {
      secrets: [
        { name: "s", env: "A" },
        { name: "s", file: "/run/secrets/b" },
      ],
    },
    {
      secrets: [
        { name: "s", key: "b", file: "/run/secrets/b" },
        { name: "s", key: "A", env: "A" },
      ],
    },
  ],
  [
    "metrics and egress",
    { resources: { cpu: "1" } },
    {
      resources: { cpu: "1" },
      scaling: { metrics: [{ type: "cpu", target: 50 }] },
      network: { egress: [{ cidr: "10.0.0.0/8", ports: [443] }] },
    },
  ],
];

for (const [what, one, other] of same) {
  test(`revisionName() does not depend on ${what}`, () => assert.equal(nameOf(one), nameOf(other)));
}

const different: [what: string, spec: Record<string, unknown>][] = [
  ["the digest", { source: { bundle: `sha256:${"f".repeat(64)}` } }],
  ["a parameter", { parameters: { a: "" } }],
  ["a limit", { resources: { cpu: "1" } }],
  ["a signature", { signature: { inputs: [], outputs: [] } }],
  ["an image", { source: { bundle: digest, image: `registry.example/digits@${digest}` } }],
  ["a GPU", { resources: { gpu: { name: "nvidia.com/gpu", count: 1 } } }],
  ["a secret", { secrets: [{ name: "s", env: "A" }] }],
  ["a placement", { placement: { architecture: "amd64" } }],
];

for (const [what, spec] of different) {
  test(`revisionName() depends on ${what}`, () => assert.notEqual(nameOf(spec), nameOf({})));
}

test("revisionTemplate() is canonical, and a Revision takes it as it is", () => {
  const template = revisionTemplate(
    model(
      smallModel({
        source: { bundle: `digits@${digest}`, image: `registry.example/digits@${digest}` },
        parameters: { b: "2", a: "1" },
        resources: { cpu: "0.50", memory: "1024Mi", gpu: { name: "nvidia.com/gpu", count: 1 } },
        signature: { inputs: [tensor("b"), tensor("a")], outputs: [] },
        secrets: [{ name: "s", file: "/run/secrets/token" }],
        placement: { nodeSelector: { b: "2", a: "1" }, tolerations: [], architecture: "amd64" },
      }),
    ),
  );
  assert.deepEqual(template, {
    source: { bundle: digest, image: `registry.example/digits@${digest}` },
    parameters: { a: "1", b: "2" },
    signature: { inputs: [tensor("a"), tensor("b")], outputs: [] },
    resources: { cpu: "500m", memory: "1Gi", gpu: { name: "nvidia.com/gpu", count: 1 } },
    secrets: [{ name: "s", key: "token", file: "/run/secrets/token" }],
    placement: { nodeSelector: { a: "1", b: "2" }, architecture: "amd64" },
  });
  const revision = {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Revision",
    metadata: { name: "digits-0123456789" },
    spec: { model: "digits", number: 1, ...template },
  };
  assert.deepEqual(parse("Revision", revision, { source: "api" }), { ok: true, value: revision });
});
