import type { ParityScenario } from "../parity-scenario.ts";
import { answersAs, apply, observe, remember, servesFirst } from "./steps.ts";

const merge = "application/merge-patch+json";

/** A patch of a serving Model that the API must refuse, naming what is wrong. */
function refused(name: string, title: string, spec: object, says: readonly string[]): ParityScenario {
  return {
    name,
    title,
    steps: [
      ...servesFirst,
      remember("resourceVersion", "before"),
      {
        do: "api",
        method: "PATCH",
        path: "{models}/{model}?fieldValidation=Strict",
        contentType: merge,
        body: { spec },
        answers: { status: "refused", says },
      },
      observe({ resourceVersion: { is: "before" }, revisions: 1 }),
      answersAs("v1", "first"),
    ],
  };
}

/** Manifests that no place takes; whatever was there goes on. */
export const refusalScenarios: readonly ParityScenario[] = [
  refused("unknown-field", "An unknown field is refused by name", { scalling: { minReplicas: 1 } }, ["spec.scalling"]),
  refused("wrong-type", "Text where a number is wanted is refused by name", { scaling: { minReplicas: "three" } }, [
    "spec.scaling.minReplicas",
  ]),
  refused("min-over-max", "At least more than at most is refused", { scaling: { minReplicas: 5, maxReplicas: 2 } }, [
    "minReplicas",
  ]),
  refused("zero", "Scaling from zero is refused until it is there", { scaling: { minReplicas: 0 } }, ["minReplicas"]),
  refused("quantity", "A quantity that is none is refused by name", { resources: { memory: "512MB" } }, [
    "spec.resources.memory",
  ]),
  refused("shares", "Shares that do not add up to 100 are refused", { traffic: [{ revision: "{first}", percent: 90 }] }, ["100"]),
  refused(
    "foreign-revision",
    "Traffic to a revision of another model is refused",
    { traffic: [{ revision: "another-0000000000", percent: 100 }] },
    ["traffic"],
  ),
  refused("path", "A path instead of a digest is refused, with the way out", { source: { path: "./v1" } }, ["slipway build"]),
  refused("no-digest", "A bundle that is no digest is refused", { source: { bundle: "digits:latest" } }, ["spec.source.bundle"]),
  refused("beyond", "More replicas than the bounds allow are refused", { replicas: 9 }, ["maxReplicas"]),
  {
    name: "long-name",
    title: "A name that leaves no room for a revision's is refused",
    steps: [
      {
        do: "api",
        method: "POST",
        path: "{models}",
        body: {
          apiVersion: "slipway.dev/v1alpha1",
          kind: "Model",
          metadata: { name: "n".repeat(53) },
        },
        source: "digits-v1",
        answers: { status: "refused", says: ["name"] },
      },
    ],
  },
  {
    name: "made-twice",
    title: "Creating what is there is a conflict by name",
    steps: [
      ...servesFirst,
      {
        do: "api",
        method: "POST",
        path: "{models}",
        body: {
          apiVersion: "slipway.dev/v1alpha1",
          kind: "Model",
          metadata: { name: "{model}" },
        },
        source: "digits-v1",
        answers: { status: 409, reason: "AlreadyExists", says: ["{model}"] },
      },
      answersAs("v1", "first"),
    ],
  },
  {
    name: "stale-write",
    title: "A write that saw an older version is a conflict",
    steps: [
      ...servesFirst,
      remember("resourceVersion", "old"),
      {
        do: "api",
        method: "PATCH",
        path: "{models}/{model}",
        contentType: merge,
        body: { metadata: { labels: { team: "vision" } } },
      },
      {
        do: "api",
        method: "PATCH",
        path: "{models}/{model}",
        contentType: merge,
        body: { metadata: { resourceVersion: "{old}", labels: { team: "other" } } },
        answers: { status: 409, reason: "Conflict" },
      },
      observe({ has: { metadata: { labels: { team: "vision" } } } }),
    ],
  },
  {
    name: "two-appliers",
    title: "A field of another applier is a conflict that names it; with force it is taken over",
    steps: [
      ...servesFirst,
      apply(
        "digits-v1",
        { scaling: { minReplicas: 1, maxReplicas: 6 } },
        {
          manager: "other",
          answers: { status: 409, reason: "Conflict", says: ["parity", "spec.scaling.maxReplicas"] },
        },
      ),
      observe({ has: { spec: { scaling: { maxReplicas: 4 } } } }),
      apply("digits-v1", { scaling: { minReplicas: 1, maxReplicas: 6 } }, { manager: "other", force: true }),
      observe({ has: { spec: { scaling: { maxReplicas: 6 } } }, revisions: 1 }),
      apply("digits-v1", {}, { answers: { status: 409, reason: "Conflict", says: ["other"] } }),
    ],
  },
  {
    name: "status-is-ours",
    title: "A status in a user's write is not taken",
    steps: [
      ...servesFirst,
      { do: "api", method: "PATCH", path: "{models}/{model}", contentType: merge, body: { status: { readyReplicas: 77 } } },
      observe({ readyReplicas: 1, conditions: { Ready: { status: "True", reason: "Serving" } } }),
    ],
  },
];
