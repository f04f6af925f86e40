import type { ParityScenario } from "../parity-scenario.ts";
import { answersAs, apply, observe, observeServing, remember, servesFirst } from "./steps.ts";

const otherSignature = {
  inputs: [{ name: "pixels", datatype: "FP32", shape: [-1, 64] }],
  outputs: [
    { name: "label", datatype: "INT64", shape: [-1] },
    { name: "probabilities", datatype: "FP32", shape: [-1, 10] },
  ],
};

/** Bundles that no replica can serve. */
export const brokenScenarios: readonly ParityScenario[] = [
  {
    name: "cannot-load",
    title: "A model that cannot be loaded is a condition with the cause; the old revision keeps answering until a good one comes",
    steps: [
      ...servesFirst,
      apply("cannot-load"),
      observe({
        conditions: { Ready: { status: "False", reason: "ModelInvalid", says: "NoSuchOperation" } },
        revision: { isNot: "first" },
        traffic: { first: 100 },
        events: ["ModelInvalid"],
      }),
      answersAs("v1", "first"),
      apply("digits-v2"),
      observeServing(),
      answersAs("v2"),
    ],
  },
  {
    name: "cannot-load-traffic",
    title: "A bad new version under steady traffic fails no request",
    steps: [
      ...servesFirst,
      {
        do: "underTraffic",
        versions: ["v1"],
        steps: [apply("cannot-load"), observe({ conditions: { Ready: { status: "False", reason: "ModelInvalid" } } })],
      },
    ],
  },
  {
    name: "wrong-answers",
    title: "A model whose golden samples do not agree gets no requests, and the condition says which sample",
    steps: [
      ...servesFirst,
      apply("wrong-answers"),
      observe({ conditions: { Ready: { status: "False", reason: "ModelInvalid", says: "sample" } }, traffic: { first: 100 } }),
      answersAs("v1", "first"),
    ],
  },
  {
    name: "other-signature",
    title: "A declared signature that the model does not have is a condition that names the input",
    steps: [
      ...servesFirst,
      apply("digits-v1", { signature: otherSignature }),
      observe({ conditions: { Ready: { status: "False", reason: "ModelInvalid", says: "pixels" } }, traffic: { first: 100 } }),
      answersAs("v1", "first"),
    ],
  },
  {
    name: "never-ready",
    title: "A first version that cannot be loaded answers with 503 and the cause, at once",
    steps: [
      apply("cannot-load"),
      observe({ conditions: { Ready: { status: "False", reason: "ModelInvalid", says: "NoSuchOperation" } }, readyReplicas: 0 }),
      { do: "infer", path: "{v2}/ready", method: "GET", answers: { status: 503 } },
      apply("digits-v1"),
      observeServing(),
      answersAs("v1"),
    ],
  },
  {
    name: "samples-off",
    title: "Samples are policy: switched off, the same bundle serves, and no revision is made for it",
    steps: [apply("wrong-answers", { samples: { verify: false } }), observeServing(1, { revisions: 1 }), answersAs("v2")],
  },
  {
    name: "samples-tolerance",
    title: "A sample that differs by a thousandth is refused until the tolerance allows it; that makes no revision",
    steps: [
      apply("slightly-off"),
      observe({ conditions: { Ready: { status: "False", reason: "ModelInvalid", says: "sample" } } }),
      remember("revision", "only"),
      apply("slightly-off", { samples: { tolerance: { absolute: 0.01 } } }),
      observeServing(1, { revision: { is: "only" }, revisions: 1 }),
      answersAs("v1", "only"),
    ],
  },
  {
    name: "bad-parameter",
    title: "A parameter that the model's runtime does not take is a condition that names it",
    steps: [
      ...servesFirst,
      apply("digits-v1", { parameters: { threads: "2" } }),
      observe({
        conditions: { Ready: { status: "False", reason: "ModelInvalid", says: "parameters" } },
        traffic: { first: 100 },
      }),
      answersAs("v1", "first"),
    ],
  },
];
