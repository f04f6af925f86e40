import type { ParityScenario } from "../parity-scenario.ts";
import { answersAs, apply, observe, observeServing, remember, servesFirst, servesSecond } from "./steps.ts";

/** Revisions, traffic and rollback. */
export const versionScenarios: readonly ParityScenario[] = [
  {
    name: "update",
    title: "A new version makes a new revision, which answers; the old one has no replica any more",
    steps: [...servesFirst, ...servesSecond, observe({ traffic: { second: 100 } })],
  },
  {
    name: "update-traffic",
    title: "A version change under steady traffic fails no request",
    steps: [...servesFirst, { do: "underTraffic", versions: ["v1", "v2"], steps: servesSecond }],
  },
  {
    name: "there-and-back",
    title: "The first version applied again is the first revision again, not a third",
    steps: [
      ...servesFirst,
      ...servesSecond,
      apply("digits-v1"),
      observeServing(1, { revision: { is: "first" }, revisions: 2 }),
      answersAs("v1", "first"),
    ],
  },
  {
    name: "rollback",
    title: "A rollback sends all requests to the revision before, and the unchanged file applied again keeps it",
    steps: [
      ...servesFirst,
      ...servesSecond,
      { do: "slipway", args: ["rollback", "{model}"] },
      observeServing(1, { traffic: { first: 100 }, revision: { is: "second" } }),
      answersAs("v1", "first"),
      apply("digits-v2"),
      observeServing(1, { traffic: { first: 100 }, has: { spec: { traffic: [{ revision: "{first}" }] } } }),
      answersAs("v1", "first"),
    ],
  },
  {
    name: "rollback-traffic",
    title: "A rollback under steady traffic fails no request",
    steps: [
      ...servesFirst,
      ...servesSecond,
      {
        do: "underTraffic",
        versions: ["v1", "v2"],
        steps: [{ do: "slipway", args: ["rollback", "{model}"] }, observeServing(1, { traffic: { first: 100 } })],
      },
    ],
  },
  {
    name: "rollback-ends",
    title: "A new revision ends a rollback",
    steps: [
      ...servesFirst,
      ...servesSecond,
      { do: "slipway", args: ["rollback", "{model}"] },
      observeServing(1, { traffic: { first: 100 } }),
      apply("digits-v2", { parameters: { intraOpThreads: "1" } }),
      observeServing(1, { revision: { isNot: "second" }, revisions: 3, events: ["RollbackEnded"] }),
      remember("revision", "third"),
      observe({ traffic: { third: 100 } }),
      answersAs("v2", "third"),
    ],
  },
  {
    name: "split",
    title: "Shares by hand: both revisions answer, and the pinned path reaches either",
    steps: [
      ...servesFirst,
      ...servesSecond,
      apply("digits-v2", {
        traffic: [
          { revision: "{first}", percent: 50 },
          { revision: "{second}", percent: 50 },
        ],
      }),
      observe({ conditions: { Ready: { status: "True" } }, traffic: { first: 50, second: 50 }, readyReplicas: 2 }),
      { do: "underTraffic", versions: ["v1", "v2"], steps: [] },
      { do: "infer", path: "{v2}/versions/{first}/infer", answers: { status: 200, golden: "v1", revision: "first" } },
      { do: "infer", path: "{v2}/versions/{second}/infer", answers: { status: 200, golden: "v2", revision: "second" } },
    ],
  },
  {
    name: "pinned-path",
    title: "The path of a revision answers from that revision; that of one that does not exist is answered with 404 by name",
    steps: [
      ...servesFirst,
      { do: "infer", path: "{v2}/versions/{first}/infer", answers: { status: 200, golden: "v1", revision: "first" } },
      { do: "infer", path: "{v2}/versions/{model}-0000000000/infer", answers: { status: 404, error: "{model}-0000000000" } },
    ],
  },
  {
    name: "parameters",
    title: "Changed parameters make a new revision of the same source",
    steps: [
      ...servesFirst,
      apply("digits-v1", { parameters: { intraOpThreads: "1" } }),
      observeServing(1, { revision: { isNot: "first" }, revisions: 2, events: ["RevisionChanged"] }),
      answersAs("v1"),
    ],
  },
  {
    name: "resources",
    title: "Changed resources make a new revision, without a failed request",
    steps: [
      ...servesFirst,
      {
        do: "underTraffic",
        versions: ["v1"],
        steps: [
          apply("digits-v1", { resources: { cpu: "250m", memory: "512Mi" } }),
          observeServing(1, { revision: { isNot: "first" }, revisions: 2 }),
        ],
      },
    ],
  },
  {
    name: "unknown-revision",
    title: "Traffic to a revision that does not exist is a condition, and the old traffic stays",
    steps: [
      ...servesFirst,
      apply("digits-v1", { traffic: [{ revision: "{model}-0000000000", percent: 100 }] }),
      observe({
        conditions: { Ready: { status: "False", reason: "RevisionNotFound", says: "{model}-0000000000" } },
        traffic: { first: 100 },
        events: ["RevisionNotFound"],
      }),
      answersAs("v1", "first"),
      apply("digits-v1"),
      observeServing(),
    ],
  },
];
