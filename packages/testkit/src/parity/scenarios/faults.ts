import type { ParityScenario } from "../parity-scenario.ts";
import { answersAs, apply, observe, observeServing, remember, servesFirst, servesSecond } from "./steps.ts";

const two = { scaling: { minReplicas: 2, maxReplicas: 4 } };

/** One of two replicas goes under steady traffic, and another takes its place. */
function oneOfTwo(fault: "crash" | "drain"): ParityScenario["steps"] {
  return [
    apply("digits-v1", two),
    observeServing(2),
    remember("instances", "before"),
    {
      do: "underTraffic",
      versions: ["v1"],
      steps: [
        { do: fault },
        observe({ instances: { areNot: "before" } }),
        observeServing(2, { instances: { areNot: "before" } }),
      ],
    },
  ];
}

/** What happens to a Model from outside. */
export const faultScenarios: readonly ParityScenario[] = [
  {
    name: "crash",
    title: "A replica that is killed under steady traffic costs no request and is replaced",
    steps: oneOfTwo("crash"),
  },
  {
    name: "only-crash",
    title: "The only replica is killed: requests are held until it is back",
    steps: [
      ...servesFirst,
      remember("instances", "before"),
      { do: "crash" },
      observeServing(1, { instances: { areNot: "before" } }),
      answersAs("v1", "first"),
    ],
  },
  {
    name: "drain",
    title: "A replica that is stopped in order from outside, under steady traffic, costs no request and is replaced",
    steps: oneOfTwo("drain"),
  },
  {
    name: "control-killed",
    title: "Control killed under steady traffic costs no request and restarts no replica; then changes work again",
    steps: [
      ...servesFirst,
      remember("instances", "before"),
      { do: "underTraffic", versions: ["v1"], steps: [{ do: "restartControl" }] },
      observeServing(1, { instances: { are: "before" } }),
      ...servesSecond,
    ],
  },
  {
    name: "control-in-change",
    title: "Control killed in the middle of a version change under steady traffic: the change ends, no request fails",
    steps: [
      ...servesFirst,
      {
        do: "underTraffic",
        versions: ["v1", "v2"],
        steps: [apply("digits-v2"), { do: "restartControl" }, observeServing(1, { revision: { isNot: "first" }, revisions: 2 })],
      },
    ],
  },
];
