import assert from "node:assert/strict";
import { test } from "node:test";
import { type Model, parse } from "@slipway/spec";
import { oneMachineConditions } from "./one-machine-conditions.ts";
import { oneMachineRefusals } from "./one-machine-refusals.ts";

function modelOf(spec: Record<string, unknown>): Model {
  const parsed = parse(
    "Model",
    {
      apiVersion: "slipway.dev/v1alpha1",
      kind: "Model",
      metadata: { name: "digits", namespace: "default" },
      spec: { source: { bundle: `sha256:${"0".repeat(64)}` }, ...spec },
    },
    { source: "api" },
  );
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

const withoutEffect = {
  scaling: { metrics: [{ type: "cpu", target: 50 }] },
  resources: { cpu: "1" },
  placement: { architecture: "arm64" },
  network: { egress: [{ cidr: "10.0.0.0/8", ports: [443] }] },
  source: { bundle: `sha256:${"0".repeat(64)}`, image: `registry.example/digits@sha256:${"1".repeat(64)}` },
};

test("what one machine cannot give is refused, with what to do", () => {
  const refused = oneMachineRefusals(
    modelOf({ resources: { gpu: { name: "nvidia.com/gpu", count: 1 } }, secrets: [{ name: "hub", env: "HUB_TOKEN" }] }),
  );
  assert.deepEqual(
    refused.map(({ path, message }) => `${path}: ${message}`),
    [
      "spec.resources.gpu: not on one machine yet: nothing here gives a GPU to one replica alone; leave it out, or apply the Model to a cluster with --context",
      "spec.secrets: not on one machine yet: replicas here get no Secret's value; leave it out, or apply the Model to a cluster with --context",
    ],
  );
});

test("what only has no effect here is accepted", () => {
  assert.deepEqual(oneMachineRefusals(modelOf(withoutEffect)), []);
  assert.deepEqual(oneMachineRefusals({ apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } }), []);
});

test("what has no effect here is a condition, and only where it is asked for", () => {
  const said = (spec: Record<string, unknown>) =>
    oneMachineConditions(modelOf(spec)).map(({ type, status }) => `${type}=${status}`);
  assert.deepEqual(said({}), ["NetworkPolicyEnforced=False", "Sandboxed=False"]);
  assert.deepEqual(said({ scaling: { metrics: [] }, placement: {} }), said({}));
  assert.deepEqual(said(withoutEffect), [
    "Autoscaling=False",
    "PlacementHonoured=False",
    "NetworkPolicyEnforced=False",
    "Sandboxed=False",
  ]);
});
