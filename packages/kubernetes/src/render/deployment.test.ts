import assert from "node:assert/strict";
import { test } from "node:test";
import { at } from "../testing/at.ts";
import { image, modelOf, revisionOf } from "../testing/resources.ts";
import { deployment } from "./deployment.ts";
import { horizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
import type { RevisionSettings } from "./revision-settings.ts";

const autoscaling = {
  minReplicas: 2,
  maxReplicas: 8,
  metrics: [
    { type: "cpu", target: 60 },
    { type: "memory", target: 80 },
  ],
} as const;

const partsWith = (settings: Partial<RevisionSettings>) => {
  const model = modelOf();
  return { model, revision: revisionOf(model), settings: { image, replicas: 3, systemNamespace: "slipway-system", ...settings } };
};
const replicasOf = (settings: Partial<RevisionSettings>) => at(deployment(partsWith(settings)), "spec", "replicas");

test("the number of replicas is written, with an autoscaler too: it begins with that", () => {
  assert.equal(replicasOf({}), 3);
  assert.equal(replicasOf({ autoscaling }), 3);
});

test("no replica goes before its successor answers", () => {
  const { strategy } = at<{ strategy: unknown }>(deployment(partsWith({})), "spec");
  assert.deepEqual(strategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
});

test("an autoscaler is there only where the cluster scales, and speaks of this Deployment", () => {
  assert.equal(horizontalPodAutoscaler(partsWith({})), undefined);
  const parts = partsWith({ autoscaling });
  const { spec } = horizontalPodAutoscaler(parts) as unknown as { spec: Record<string, unknown> };
  assert.deepEqual(spec, {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment(parts).metadata.name },
    minReplicas: 2,
    maxReplicas: 8,
    metrics: [
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } },
      { type: "Resource", resource: { name: "memory", target: { type: "Utilization", averageUtilization: 80 } } },
    ],
    behavior: { scaleDown: { stabilizationWindowSeconds: 120 } },
  });
});
