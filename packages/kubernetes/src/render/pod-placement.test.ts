import assert from "node:assert/strict";
import { test } from "node:test";
import { podPlacement } from "./pod-placement.ts";

const selector = { "slipway.dev/revision": "digits-1a2b3c4d5e" };
const spreadOver = (topologyKey: string) => ({
  topologyKey,
  maxSkew: 1,
  whenUnsatisfiable: "ScheduleAnyway",
  labelSelector: { matchLabels: selector },
});

test("without a word of it, replicas are spread over nodes, and nothing else is said", () => {
  assert.deepEqual(podPlacement({}, selector), { topologySpreadConstraints: [spreadOver("kubernetes.io/hostname")] });
});

test("every field of a placement has its field of a pod", () => {
  assert.deepEqual(
    podPlacement(
      {
        nodeSelector: { "node.example/pool": "gpu" },
        tolerations: [
          { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
          { key: "spot", operator: "Equal", value: "yes", effect: "NoExecute", tolerationSeconds: 30 },
        ],
        spread: ["node", "zone"],
        priorityClassName: "high",
        imagePullSecrets: ["a", "b"],
        architecture: "arm64",
      },
      selector,
    ),
    {
      nodeSelector: { "node.example/pool": "gpu" },
      tolerations: [
        { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
        { key: "spot", operator: "Equal", value: "yes", effect: "NoExecute", tolerationSeconds: 30 },
      ],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/arch", operator: "In", values: ["arm64"] }] }],
          },
        },
      },
      topologySpreadConstraints: [spreadOver("kubernetes.io/hostname"), spreadOver("topology.kubernetes.io/zone")],
      priorityClassName: "high",
      imagePullSecrets: [{ name: "a" }, { name: "b" }],
    },
  );
});

test("over zones alone means over zones alone", () => {
  assert.deepEqual(podPlacement({ spread: ["zone"] }, selector).topologySpreadConstraints, [
    spreadOver("topology.kubernetes.io/zone"),
  ]);
});
