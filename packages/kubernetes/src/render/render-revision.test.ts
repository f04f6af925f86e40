import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { modelSpecs } from "../testing/model-specs.ts";
import { image, modelOf, revisionOf } from "../testing/resources.ts";
import { podTemplate } from "./pod-template.ts";
import { renderRevision } from "./render-revision.ts";

const settings = { image, replicas: 3, systemNamespace: "slipway-system" };

/** What `node --test --test-update-snapshots` writes again. */
const golden = join(import.meta.dirname, "../../golden");
const yaml = {
  serializers: [
    (value: unknown) =>
      (value as unknown[]).map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n"),
  ],
};

const full = modelOf({
  parameters: { "onnx.threads": "2" },
  signature: {
    inputs: [{ name: "x", datatype: "FP32", shape: [-1, 64] }],
    outputs: [{ name: "y", datatype: "INT64", shape: [-1] }],
  },
  resources: { cpu: "0.5", memory: "256Mi", gpu: { name: "nvidia.com/gpu", count: 1 } },
  samples: { tolerance: { absolute: 0.01 } },
  scaling: { minReplicas: 2, maxReplicas: 8, metrics: [{ type: "cpu", target: 60 }] },
  secrets: [
    { name: "database", key: "password", env: "DATABASE_PASSWORD" },
    { name: "hub", file: "/run/secrets/hub/token" },
  ],
  placement: {
    nodeSelector: { "node.example/pool": "gpu" },
    tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
    spread: ["zone", "node"],
    priorityClassName: "high",
    imagePullSecrets: ["registry"],
    architecture: "amd64",
  },
  network: { egress: [{ cidr: "0.0.0.0/0", ports: [443] }] },
});
const autoscaling = { minReplicas: 2, maxReplicas: 8, metrics: [{ type: "cpu", target: 60 }] } as const;

test("a Model with every field a revision can have", (t) => {
  t.assert.fileSnapshot(
    renderRevision(full, revisionOf(full), { ...settings, autoscaling }),
    join(golden, "revision.yaml"),
    yaml,
  );
});

test("a Model that is in no cluster yet has no owners to name", (t) => {
  const model = modelOf({}, { uid: undefined });
  const objects = renderRevision(model, revisionOf(model, { uid: undefined }), { ...settings, replicas: 1 });
  t.assert.fileSnapshot(objects, join(golden, "revision-export.yaml"), yaml);
});

test("the same input gives the same text, whatever order its keys came in", () => {
  const pairs = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 8 }), { maxKeys: 6 });
  fc.assert(
    fc.property(pairs, (parameters) => {
      const model = modelOf({ parameters });
      const turned = modelOf({ parameters: Object.fromEntries(Object.entries(parameters).reverse()) });
      const text = (each: typeof model) => JSON.stringify(renderRevision(each, revisionOf(each), settings));
      assert.equal(text(turned), text(model));
    }),
    { numRuns: 50 },
  );
});

test("scaling and the samples policy leave the pod as it is; so does a status", () => {
  const pod = (model: typeof full, replicas: number) => {
    const { spec } = renderRevision(model, revisionOf(model), { ...settings, replicas }).find(
      ({ kind }) => kind === "Deployment",
    )!;
    return (spec as { template: unknown }).template;
  };
  const before = modelOf({});
  const after = modelOf({ scaling: { minReplicas: 2, maxReplicas: 9 }, samples: { verify: false }, replicas: 3 });
  assert.deepEqual(pod(after, 9), pod({ ...before, status: { replicas: 7 } }, 1));
});

test("scaling, egress and samples of a Model leave the pod of its revision as it is", () => {
  fc.assert(
    fc.property(modelSpecs, modelSpecs, (one, other) => {
      const [before, after] = [modelOf(one), modelOf({ ...one, network: other.network, replicas: 2 })];
      const pod = (model: typeof full) => podTemplate({ model, revision: revisionOf(model), settings });
      assert.deepEqual(pod(after), pod(before));
    }),
  );
});

test("only one object differs between two counts of replicas", () => {
  const [one, two] = [1, 2].map((replicas) => renderRevision(full, revisionOf(full), { ...settings, replicas }));
  const changed = one!.filter((object, index) => JSON.stringify(object) !== JSON.stringify(two![index]));
  assert.deepEqual(
    changed.map(({ kind }) => kind),
    ["Deployment"],
  );
});

test("a tag is no image, and another Model's revision is refused", () => {
  const model = modelOf();
  const refused = (change: () => unknown, code: string) => assert.throws(change, { name: "SlipwayError", code });
  for (const text of ["digits", "registry.example/digits:latest", `digits@sha256:${"A".repeat(64)}`, `${image}\n`]) {
    refused(() => renderRevision(model, revisionOf(model), { ...settings, image: text }), "invalid");
  }
  refused(() => renderRevision(modelOf({}, { name: "other" }), revisionOf(model), settings), "internal");
  refused(() => renderRevision(modelOf({}, { namespace: "other" }), revisionOf(model), settings), "internal");
});
