import { type Case, get, jsonPatch, merge, post, put, strategic } from "../case.ts";
import { model, models, namespaces, otherBundle, revision, revisions } from "../objects.ts";

const a = `${models}/a`;

/** Creation, replacement and patches. */
export const writeCases: readonly Case[] = [
  {
    name: "create",
    steps: [post(models, model("a", { replicas: 2 }, { labels: { team: "one" }, annotations: { note: "x" } })), get(a)],
  },
  { name: "create twice", steps: [post(models, model("a")), post(models, model("a"))] },
  {
    name: "create without a name, and with generateName",
    steps: [
      post(models, { ...model("a"), metadata: {} }),
      post(models, { ...model("a"), metadata: { generateName: "gen-" } }, { save: { generated: "metadata.name" } }),
      get(`${models}/{{generated}}`),
    ],
  },
  {
    name: "create with what the server sets",
    steps: [
      post(
        models,
        model(
          "a",
          {},
          {
            uid: "00000000-0000-0000-0000-000000000000",
            generation: 9,
            creationTimestamp: "2020-01-01T00:00:00Z",
            deletionTimestamp: "2020-01-01T00:00:00Z",
            deletionGracePeriodSeconds: 5,
          },
        ),
      ),
    ],
  },
  { name: "create with a resourceVersion", steps: [post(models, model("a", {}, { resourceVersion: "7" }))] },
  { name: "create with a status", steps: [post(models, { ...model("a"), status: { replicas: 3 } })] },
  {
    name: "create in another namespace than the path's, and in one that is not there",
    steps: [
      post(models, model("a", {}, { namespace: "elsewhere" })),
      post("/apis/slipway.dev/v1alpha1/namespaces/{{ns}}-none/models", model("a")),
    ],
  },
  {
    name: "create of another kind or version than the path's",
    steps: [
      post(models, { ...model("a"), kind: "Revision" }),
      post(models, { ...model("a"), apiVersion: "slipway.dev/v2" }),
      post(models, { metadata: { name: "a" } }),
    ],
  },
  { name: "create as a dry run", steps: [post(models, model("a"), { query: { dryRun: "All" } }), get(a)] },
  {
    name: "read what is not there",
    steps: [get(a), get(`${models}/a/status`), get(`${models}/a/scale`), get(`${namespaces}/{{ns}}-none`)],
  },
  {
    name: "replace at the version seen, and at one that is old",
    steps: [
      post(models, model("a"), { save: { old: "metadata.resourceVersion" } }),
      put(a, model("a", { replicas: 2 }, { resourceVersion: "{{old}}" })),
      put(a, model("a", { replicas: 3 }, { resourceVersion: "{{old}}" })),
      get(a),
    ],
  },
  { name: "replace without a version", steps: [post(models, model("a")), put(a, model("a", { replicas: 2 }))] },
  {
    name: "replace what is not there",
    steps: [put(a, model("a")), put(a, model("a", {}, { resourceVersion: "1" }))],
  },
  {
    name: "replace with the same changes nothing",
    steps: [
      post(models, model("a", { replicas: 2 }), { save: { seen: "metadata.resourceVersion" } }),
      put(a, model("a", { replicas: 2 }, { resourceVersion: "{{seen}}" })),
    ],
  },
  {
    name: "replace cannot change identity",
    steps: [
      post(models, model("a"), { save: { seen: "metadata.resourceVersion" } }),
      put(a, model("b", {}, { resourceVersion: "{{seen}}" })),
      put(a, model("a", {}, { resourceVersion: "{{seen}}", uid: "00000000-0000-0000-0000-000000000000" })),
      put(a, model("a", {}, { resourceVersion: "{{seen}}", creationTimestamp: "2020-01-01T00:00:00Z", generation: 12 })),
    ],
  },
  {
    name: "replace of the object leaves the status alone",
    steps: [
      post(models, model("a")),
      merge(`${a}/status`, { status: { replicas: 1 } }, { save: { seen: "metadata.resourceVersion" } }),
      put(a, { ...model("a", { replicas: 2 }, { resourceVersion: "{{seen}}" }), status: { replicas: 9 } }),
    ],
  },
  {
    name: "merge patch adds, changes and removes",
    steps: [
      post(models, model("a", { replicas: 2, parameters: { x: "1", y: "2" } })),
      merge(
        a,
        { spec: { replicas: 3, parameters: { x: null, z: "3" } }, metadata: { labels: { team: "one" } } },
        { query: { fieldManager: "edit" } },
      ),
      merge(a, { spec: { replicas: null }, metadata: { labels: null } }, { query: { fieldManager: "edit" } }),
    ],
  },
  {
    name: "merge patch that changes nothing",
    steps: [
      post(models, model("a", { replicas: 2 })),
      merge(a, {}),
      merge(a, { spec: { replicas: 2 } }),
      merge(a, { spec: { parameters: { q: null } } }),
    ],
  },
  {
    name: "merge patch replaces a list",
    steps: [
      post(models, model("a", { traffic: [{ revision: "a-0000000001", percent: 100 }] })),
      merge(
        a,
        {
          spec: {
            traffic: [
              { revision: "a-0000000002", percent: 40 },
              { revision: "a-0000000003", percent: "60%" },
            ],
          },
        },
        { query: { fieldManager: "edit" } },
      ),
    ],
  },
  {
    name: "merge patch at an old version",
    steps: [
      post(models, model("a"), { save: { old: "metadata.resourceVersion" } }),
      merge(a, { spec: { replicas: 2 } }),
      merge(a, { metadata: { resourceVersion: "{{old}}" }, spec: { replicas: 3 } }),
    ],
  },
  { name: "merge patch of another name", steps: [post(models, model("a")), merge(a, { metadata: { name: "b" } })] },
  { name: "merge patch of what is not there", steps: [merge(a, { spec: { replicas: 2 } })] },
  {
    name: "merge patch that is no object",
    steps: [post(models, model("a")), merge(a, [1]), merge(a, "{not json"), merge(a, { spec: null })],
  },
  {
    name: "JSON patch",
    steps: [
      post(models, model("a", { replicas: 2, parameters: { x: "1" } })),
      jsonPatch(a, [
        { op: "test", path: "/spec/replicas", value: 2 },
        { op: "replace", path: "/spec/replicas", value: 3 },
        { op: "add", path: "/metadata/labels", value: { "a/b": "c" } },
        { op: "move", from: "/spec/parameters/x", path: "/spec/parameters/y" },
      ]),
      jsonPatch(a, [{ op: "remove", path: "/metadata/labels/a~1b" }]),
    ],
  },
  {
    name: "JSON patch whose test fails",
    steps: [post(models, model("a", { replicas: 2 })), jsonPatch(a, [{ op: "test", path: "/spec/replicas", value: 3 }])],
  },
  {
    name: "JSON patch of a path that is not there",
    steps: [
      post(models, model("a")),
      jsonPatch(a, [{ op: "remove", path: "/spec/none" }]),
      jsonPatch(a, [{ op: "replace", path: "/spec/none/deeper", value: 1 }]),
    ],
  },
  { name: "JSON patch that is no list", steps: [post(models, model("a")), jsonPatch(a, { op: "remove" }), jsonPatch(a, [])] },
  {
    name: "strategic merge patch of a custom resource, and an unknown type of patch",
    steps: [
      post(models, model("a")),
      strategic(a, { spec: { replicas: 2 } }),
      merge(a, {}, { type: "application/x-patch" }),
      post(models, "x", { type: "text/plain" }),
    ],
  },
  {
    name: "force is for apply only",
    steps: [post(models, model("a")), merge(a, { spec: { replicas: 2 } }, { query: { force: "true" } })],
  },
  {
    name: "a patch as a dry run",
    steps: [post(models, model("a")), merge(a, { spec: { replicas: 2 } }, { query: { dryRun: "All" } }), get(a)],
  },
  {
    name: "the generation counts changes of the spec",
    steps: [
      post(models, model("a")),
      merge(a, { metadata: { annotations: { x: "y" } } }),
      merge(a, { spec: { source: { bundle: otherBundle } } }),
      merge(`${a}/status`, { status: { observedGeneration: 2 } }),
    ],
  },
  {
    name: "managers of updates are told apart by name, operation and subresource",
    steps: [
      post(models, model("a"), { query: { fieldManager: "one" } }),
      merge(a, { spec: { replicas: 2 } }, { query: { fieldManager: "two" } }),
      merge(`${a}/status`, { status: { replicas: 1 } }, { query: { fieldManager: "two" } }),
      merge(a, { spec: { replicas: 3 } }, { query: { fieldManager: "one" } }),
    ],
  },
  {
    name: "a field manager with a name that cannot be",
    steps: [
      post(models, model("a"), { query: { fieldManager: "x".repeat(129) } }),
      post(models, model("a"), { query: { fieldManager: "a\tb" } }),
    ],
  },
  {
    name: "a Revision cannot be changed",
    steps: [
      post(revisions, revision("a-0000000001", "a")),
      merge(`${revisions}/a-0000000001`, { spec: { number: 2 } }),
      merge(`${revisions}/a-0000000001`, { metadata: { labels: { x: "y" } } }),
    ],
  },
];
