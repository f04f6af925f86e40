import { apply, type Case, get, jsonPatch, merge, post, put } from "../case.ts";
import { model, models, partOfModel } from "../objects.ts";

const a = `${models}/a`;
const condition = (type: string, status: string) => ({
  type,
  status,
  reason: "Tested",
  message: "",
  lastTransitionTime: "2020-01-01T00:00:00Z",
});

/** Status and scale. */
export const subresourceCases: readonly Case[] = [
  {
    name: "replace of the status ignores the spec and keeps metadata",
    steps: [
      post(models, model("a", { replicas: 2 }, { labels: { team: "one" } }), { save: { seen: "metadata.resourceVersion" } }),
      put(`${a}/status`, {
        ...model(
          "a",
          { replicas: 5 },
          { resourceVersion: "{{seen}}", labels: { team: "two" }, annotations: { x: "y" }, finalizers: ["example.com/x"] },
        ),
        status: { replicas: 2, conditions: [condition("Ready", "True")] },
      }),
      get(a),
      get(`${a}/status`),
    ],
  },
  {
    name: "replace of the status without a version, and at an old one",
    steps: [
      post(models, model("a"), { save: { old: "metadata.resourceVersion" } }),
      put(`${a}/status`, { ...model("a"), status: { replicas: 1 } }),
      merge(`${a}/status`, { status: { replicas: 2 } }),
      put(`${a}/status`, { ...model("a", {}, { resourceVersion: "{{old}}" }), status: { replicas: 3 } }),
    ],
  },
  {
    name: "patches of the status",
    steps: [
      post(models, model("a")),
      merge(
        `${a}/status`,
        { status: { replicas: 2, readyReplicas: 1 }, spec: { replicas: 9 } },
        { query: { fieldManager: "control" } },
      ),
      jsonPatch(`${a}/status`, [{ op: "replace", path: "/status/replicas", value: 3 }], { query: { fieldManager: "control" } }),
      merge(`${a}/status`, { status: null }, { query: { fieldManager: "control" } }),
    ],
  },
  {
    name: "the status applied by two managers, conditions by type",
    steps: [
      post(models, model("a")),
      apply("control", `${a}/status`, {
        ...partOfModel("a", undefined),
        status: { replicas: 2, conditions: [condition("Ready", "True")] },
      }),
      apply("network", `${a}/status`, {
        ...partOfModel("a", undefined),
        status: { conditions: [condition("Reachable", "True")] },
      }),
      apply("network", `${a}/status`, { ...partOfModel("a", undefined), status: { conditions: [condition("Ready", "False")] } }),
      apply("control", `${a}/status`, { ...partOfModel("a", undefined), status: { replicas: 2 } }),
    ],
  },
  {
    name: "the status of nothing",
    steps: [
      put(`${a}/status`, { ...model("a", {}, { resourceVersion: "1" }), status: { replicas: 1 } }),
      merge(`${a}/status`, { status: { replicas: 1 } }),
      apply("control", `${a}/status`, { ...partOfModel("a", undefined), status: { replicas: 1 } }),
    ],
  },
  {
    name: "a status of the wrong type",
    steps: [
      post(models, model("a")),
      merge(`${a}/status`, { status: { replicas: "two" } }),
      merge(`${a}/status`, { status: { conditions: [{ type: "Ready" }] } }),
    ],
  },
  {
    name: "a status that changes nothing",
    steps: [
      post(models, model("a")),
      merge(`${a}/status`, { status: { replicas: 2 } }),
      merge(`${a}/status`, { status: { replicas: 2 } }),
      merge(`${a}/status`, { spec: { replicas: 3 } }),
    ],
  },
  {
    name: "a status by apply through the object's own door",
    steps: [
      apply("cli", a, { ...model("a"), status: { replicas: 2 } }),
      apply("cli", `${a}/status`, { ...partOfModel("a", { replicas: 4 }), status: { replicas: 2 } }),
    ],
  },
  {
    name: "scale is read",
    steps: [
      post(models, model("a", { replicas: 3 })),
      get(`${a}/scale`),
      merge(`${a}/status`, { status: { replicas: 2, selector: "slipway.dev/model=a" } }),
      get(`${a}/scale`),
    ],
  },
  {
    name: "scale of a Model that does not say",
    steps: [post(models, model("a")), get(`${a}/scale`)],
  },
  {
    name: "scale is written, and owns the replicas",
    steps: [
      apply("cli", a, model("a", { replicas: 3 })),
      put(`${a}/scale`, scale(5), { query: { fieldManager: "scaler" } }),
      merge(`${a}/scale`, { spec: { replicas: 6 } }, { query: { fieldManager: "scaler" } }),
      jsonPatch(`${a}/scale`, [{ op: "replace", path: "/spec/replicas", value: 7 }], { query: { fieldManager: "scaler" } }),
      get(a),
      apply("cli", a, model("a", { replicas: 3 })),
    ],
  },
  {
    name: "scale at an old version",
    steps: [
      post(models, model("a", { replicas: 3 }), { save: { old: "metadata.resourceVersion" } }),
      merge(a, { spec: { replicas: 4 } }),
      put(`${a}/scale`, scale(5, { resourceVersion: "{{old}}" })),
    ],
  },
  {
    name: "scale to less than nothing, to what is no number, and beyond the Model's limit",
    steps: [
      post(models, model("a", { replicas: 3 })),
      put(`${a}/scale`, scale(-1)),
      merge(`${a}/scale`, { spec: { replicas: "many" } }),
      put(`${a}/scale`, scale(11)),
      put(`${a}/scale`, scale(0)),
    ],
  },
  { name: "scale of nothing", steps: [put(`${a}/scale`, scale(2)), merge(`${a}/scale`, { spec: { replicas: 2 } })] },
  {
    name: "scale as a dry run",
    steps: [
      post(models, model("a", { replicas: 3 })),
      put(`${a}/scale`, scale(5), { query: { dryRun: "All" } }),
      get(`${a}/scale`),
    ],
  },
  {
    name: "scale by apply",
    steps: [
      post(models, model("a")),
      apply("scaler", `${a}/scale`, {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { name: "a" },
        spec: { replicas: 4 },
      }),
      get(a),
    ],
  },
];

function scale(replicas: number, metadata: object = {}): object {
  return {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name: "a", namespace: "{{ns}}", ...metadata },
    spec: { replicas },
  };
}
