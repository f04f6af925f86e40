import type { ParityScenario } from "../parity-scenario.ts";
import { answersAs, apply, observe, observeServing, remember, servesFirst } from "./steps.ts";

/** From apply to delete. */
export const servingScenarios: readonly ParityScenario[] = [
  {
    name: "first-answer",
    title: "An applied model becomes ready and answers as its golden samples say",
    steps: [
      apply("digits-v1"),
      observeServing(1, { revisions: 1, has: { spec: { scaling: { minReplicas: 1 }, samples: { verify: true } } } }),
      remember("revision", "first"),
      answersAs("v1", "first"),
      observe({ traffic: { first: 100 } }),
    ],
  },
  {
    name: "apply-again",
    title: "The same file applied again changes nothing",
    steps: [
      ...servesFirst,
      remember("resourceVersion", "before"),
      remember("instances", "before-instances"),
      apply("digits-v1"),
      observe({ resourceVersion: { is: "before" }, instances: { are: "before-instances" }, revisions: 1 }),
    ],
  },
  {
    name: "dry-run",
    title: "A dry run answers as if it were done, and does nothing",
    steps: [
      ...servesFirst,
      remember("resourceVersion", "before"),
      {
        do: "api",
        method: "PATCH",
        path: "{models}/{model}?dryRun=All",
        contentType: "application/merge-patch+json",
        body: { spec: { scaling: { maxReplicas: 7 } } },
        answers: { has: { spec: { scaling: { maxReplicas: 7 } } } },
      },
      observe({ resourceVersion: { is: "before" }, has: { spec: { scaling: { maxReplicas: 4 } } } }),
    ],
  },
  {
    name: "delete",
    title: "A deleted model is answered with 404, and nothing of it is left",
    steps: [
      ...servesFirst,
      { do: "api", method: "DELETE", path: "{models}/{model}" },
      observe({ gone: true }),
      { do: "infer", answers: { status: 404, error: "{model}" } },
      { do: "api", method: "GET", path: "{models}/{model}", answers: { status: 404, reason: "NotFound" } },
    ],
  },
  {
    name: "made-again",
    title: "A model made again under the name of a deleted one is another one, and answers",
    steps: [
      ...servesFirst,
      remember("uid", "uid"),
      remember("instances", "old"),
      { do: "slipway", args: ["delete", "model", "{model}"] },
      observe({ gone: true }),
      apply("digits-v2"),
      observeServing(1, { uid: { isNot: "uid" }, instances: { areNot: "old" }, revisions: 1 }),
      answersAs("v2"),
    ],
  },
  {
    name: "deleted-early",
    title: "A model deleted in the middle of a change is gone whole",
    steps: [
      ...servesFirst,
      apply("digits-v2", { scaling: { minReplicas: 3, maxReplicas: 4 } }),
      { do: "api", method: "DELETE", path: "{models}/{model}" },
      // A replica that is just starting ends at once, too.
      { do: "observe", seconds: 45, model: { gone: true } },
      { do: "infer", answers: { status: 404 } },
    ],
  },
  {
    name: "held-deletion",
    title: "A foreign finalizer holds a deletion; the model says that it is being deleted, and goes when the finalizer does",
    steps: [
      apply("digits-v1", {}, { metadata: { finalizers: ["example.com/hold"] } }),
      observeServing(),
      { do: "api", method: "DELETE", path: "{models}/{model}" },
      observe({
        conditions: { Ready: { status: "False", reason: "Deleting" } },
        has: { metadata: { finalizers: ["example.com/hold"] } },
      }),
      {
        do: "api",
        method: "PATCH",
        path: "{models}/{model}",
        contentType: "application/merge-patch+json",
        body: { metadata: { finalizers: null } },
      },
      observe({ gone: true }),
    ],
  },
  {
    name: "merge-patch",
    title: "A change of one field by a merge patch reaches the model without a new revision",
    steps: [
      ...servesFirst,
      remember("instances", "before"),
      {
        do: "api",
        method: "PATCH",
        path: "{models}/{model}",
        contentType: "application/merge-patch+json",
        body: { spec: { scaling: { minReplicas: 2 } } },
      },
      observeServing(2, { revision: { is: "first" }, revisions: 1, instances: { are: "before" } }),
    ],
  },
];
