import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { at } from "../testing/at.ts";
import { modelSpecs } from "../testing/model-specs.ts";
import { image, modelOf, revisionOf } from "../testing/resources.ts";
import { renderModel } from "./render-model.ts";
import { renderRevision } from "./render-revision.ts";

const systemNamespace = "slipway-system";
const source = { bundle: `sha256:${"0".repeat(64)}`, image };
const kindsOf = (spec: Record<string, unknown>) =>
  renderModel(modelOf({ source, ...spec }), { systemNamespace }).map(({ kind }) => kind);
const replicasOf = (spec: Record<string, unknown>) => {
  const objects = renderModel(modelOf({ source, ...spec }), { systemNamespace });
  return at<number>(
    objects.find(({ kind }) => kind === "Deployment"),
    "spec",
    "replicas",
  );
};

test("a Model that no cluster knows is rendered as it will be there, but for its owners", () => {
  fc.assert(
    fc.property(modelSpecs, (spec) => {
      const exported = renderModel(modelOf(spec, { uid: undefined }), { systemNamespace });
      const model = modelOf(spec);
      const applied = renderRevision(model, revisionOf(model), { replicas: 1, systemNamespace });
      const unowned = JSON.parse(JSON.stringify(applied), (key, value) => {
        return key === "ownerReferences" || key === "slipway.dev/model-uid" ? undefined : value;
      });
      assert.deepEqual(exported, unowned);
    }),
  );
});

test("the number of replicas is what control would begin with", () => {
  assert.equal(replicasOf({}), 1);
  assert.equal(replicasOf({ scaling: { minReplicas: 3 } }), 3);
  assert.equal(replicasOf({ scaling: { minReplicas: 2, maxReplicas: 5 }, replicas: 4 }), 4);
});

test("there is an autoscaler where metrics are asked for and no number is set by hand", () => {
  const scaled = { resources: { cpu: "1" }, scaling: { minReplicas: 2, metrics: [{ type: "cpu", target: 50 }] } };
  assert.equal(kindsOf(scaled).at(-1), "HorizontalPodAutoscaler");
  assert.equal(replicasOf(scaled), 2);
  assert.equal(kindsOf({ ...scaled, replicas: 3 }).includes("HorizontalPodAutoscaler"), false);
  assert.equal(kindsOf({}).includes("HorizontalPodAutoscaler"), false);
});
