import type { ParityScenario } from "../parity-scenario.ts";
import { apply, observe, observeServing, remember, servesFirst } from "./steps.ts";

const merge = "application/merge-patch+json";

/** How many replicas there are. */
export const scalingScenarios: readonly ParityScenario[] = [
  {
    name: "scale",
    title: "Three replicas by hand and back to one, under steady traffic, fail no request",
    steps: [
      ...servesFirst,
      {
        do: "underTraffic",
        versions: ["v1"],
        steps: [
          { do: "slipway", args: ["scale", "{model}", "--replicas", "3"] },
          observeServing(3),
          { do: "slipway", args: ["scale", "{model}", "--replicas", "1"] },
          observeServing(1, { revisions: 1 }),
        ],
      },
    ],
  },
  {
    name: "scale-keeps",
    title: "Scaling up keeps the replica there is",
    steps: [
      ...servesFirst,
      remember("instances", "one"),
      { do: "slipway", args: ["scale", "{model}", "--replicas", "2"] },
      observeServing(2, { instances: { are: "one" }, revision: { is: "first" } }),
    ],
  },
  {
    name: "kubectl-scale",
    title: "kubectl scale works, and writes spec.replicas",
    steps: [
      ...servesFirst,
      { do: "kubectl", args: ["scale", "model", "{model}", "--replicas=2"], prints: ["scaled"] },
      observeServing(2, { has: { spec: { replicas: 2 } } }),
      {
        do: "api",
        method: "GET",
        path: "{models}/{model}/scale",
        answers: {
          has: { kind: "Scale", spec: { replicas: 2 }, status: { replicas: 2, selector: "slipway.dev/model={model}" } },
        },
      },
    ],
  },
  {
    name: "scale-too-far",
    title: "More replicas than scaling.maxReplicas are refused, and nothing changes",
    steps: [
      ...servesFirst,
      { do: "kubectl", args: ["scale", "model", "{model}", "--replicas=9"], exit: "failed", prints: ["replicas"] },
      {
        do: "api",
        method: "PATCH",
        path: "{models}/{model}/scale",
        contentType: merge,
        body: { spec: { replicas: 9 } },
        answers: { status: "refused", says: ["maxReplicas"] },
      },
      observeServing(1),
    ],
  },
  {
    name: "bounds",
    title: "Changed bounds take effect without a restart and without a revision",
    steps: [
      ...servesFirst,
      remember("instances", "one"),
      apply("digits-v1", { scaling: { minReplicas: 2, maxReplicas: 5 } }),
      observeServing(2, { instances: { are: "one" }, revisions: 1 }),
      apply("digits-v1", { scaling: { minReplicas: 1, maxReplicas: 5 } }),
      observeServing(1, { revisions: 1 }),
    ],
  },
  {
    name: "override",
    title: "A number by hand stays when the file is applied again",
    steps: [
      ...servesFirst,
      { do: "slipway", args: ["scale", "{model}", "--replicas", "2"] },
      observeServing(2),
      apply("digits-v1", { scaling: { minReplicas: 1, maxReplicas: 5 } }),
      observeServing(2, { has: { spec: { replicas: 2 } } }),
      observe({ revisions: 1 }),
    ],
  },
];
