import type { ParityScenario } from "../parity-scenario.ts";
import { observe, observeServing, remember, servesFirst, servesSecond } from "./steps.ts";

/** What people look at. */
export const toolScenarios: readonly ParityScenario[] = [
  {
    name: "labels",
    title: "Labels and annotations restart nothing and make no revision",
    steps: [
      ...servesFirst,
      remember("instances", "before"),
      { do: "kubectl", args: ["label", "model", "{model}", "team=vision"], prints: ["labeled"] },
      { do: "kubectl", args: ["annotate", "model", "{model}", "note=hello"], prints: ["annotated"] },
      { do: "kubectl", args: ["get", "models", "-l", "team=vision", "-o", "name"], prints: ["^model.slipway.dev/{model}$"] },
      observeServing(1, { instances: { are: "before" }, revisions: 1, revision: { is: "first" } }),
    ],
  },
  {
    name: "columns",
    title: "kubectl get shows readiness, replicas and revision; wide also the address",
    steps: [
      ...servesFirst,
      {
        do: "kubectl",
        args: ["get", "models", "{model}"],
        prints: ["^NAME +READY +REPLICAS +REVISION +AGE", "^{model} +True +1 +{first} +\\d+"],
      },
      { do: "kubectl", args: ["get", "models", "{model}", "-o", "wide"], prints: ["URL", "/v2/models/{model}"] },
      { do: "kubectl", args: ["get", "revisions"], prints: ["^NAME +MODEL", "{first} +{model}"] },
      { do: "slipway", args: ["get", "models"], prints: ["^NAME +READY +REPLICAS +REVISION +AGE", "^{model} +True +1 +{first}"] },
    ],
  },
  {
    name: "explain",
    title: "kubectl explain describes every field",
    steps: [
      {
        do: "kubectl",
        args: ["explain", "model.spec.scaling.minReplicas"],
        prints: ["FIELD: minReplicas <integer>", "at least"],
      },
      {
        do: "kubectl",
        args: ["explain", "model.spec", "--recursive"],
        prints: ["bundle\\s+<string>", "minReplicas\\s+<integer>"],
      },
    ],
  },
  {
    name: "wait",
    title: "kubectl wait for Ready ends when the model answers; describe tells the story in events",
    steps: [
      ...servesFirst.slice(0, 1),
      { do: "kubectl", args: ["wait", "--for=condition=Ready", "model/{model}", "--timeout=60s"], prints: ["condition met"] },
      { do: "infer", answers: { status: 200, golden: "v1" } },
      { do: "kubectl", args: ["describe", "model", "{model}"], prints: ["Events:", "Normal +Ready"] },
    ],
  },
  {
    name: "events",
    title: "Events tell what happened, with the same reasons",
    steps: [
      ...servesFirst,
      ...servesSecond,
      observe({ events: ["RevisionChanged", "ReplicaStarting", "ReplicaReady", "Ready", "ReplicaDraining", "TrafficSwitched"] }),
      { do: "slipway", args: ["events", "{model}"], prints: ["RevisionChanged", "spec.source changed"] },
    ],
  },
  {
    name: "plan",
    title: "slipway plan says what an apply would do, and does nothing",
    steps: [
      { do: "slipway", args: ["apply", "-f", "-", "--wait"], input: { source: "digits-v1" } },
      observeServing(),
      remember("resourceVersion", "before"),
      { do: "slipway", args: ["plan", "-f", "-"], input: { source: "digits-v2" }, prints: ["revision"] },
      observe({ resourceVersion: { is: "before" }, revisions: 1 }),
    ],
  },
  {
    name: "describe",
    title: "slipway describe names the revision that answers, conditions and replicas",
    steps: [...servesFirst, { do: "slipway", args: ["describe", "model", "{model}"], prints: ["{first}", "Ready", "Serving"] }],
  },
];
