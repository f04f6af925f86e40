import { type Case, get, merge, post, remove, watch } from "../case.ts";
import { model, models, namespaces } from "../objects.ts";

const a = `${models}/a`;
const table = "application/json;as=Table;g=meta.k8s.io;v=v1";
const partial = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const partialList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
const three = ["a", "b", "c"].map((name, index) =>
  post(models, model(name, {}, { labels: { team: index === 1 ? "two" : "one", name } })),
);
const from = { save: { start: "metadata.resourceVersion" } };

/** Lists, other forms of objects, and watches. */
export const readCases: readonly Case[] = [
  { name: "an empty list", steps: [get(models)] },
  { name: "a list", steps: [...three, get(models)] },
  {
    name: "a list by labels",
    steps: [
      ...three,
      get(models, { query: { labelSelector: "team=one" } }),
      get(models, { query: { labelSelector: "team!=one" } }),
      get(models, { query: { labelSelector: "name in (a,c),team" } }),
      get(models, { query: { labelSelector: "!team" } }),
      get(models, { query: { labelSelector: "name notin (a, b)" } }),
    ],
  },
  {
    name: "a list by fields",
    steps: [
      ...three,
      get(models, { query: { fieldSelector: "metadata.name=b" } }),
      get(models, { query: { fieldSelector: "metadata.namespace={{ns}},metadata.name!=b" } }),
      get(models, { query: { fieldSelector: "spec.replicas=1" } }),
    ],
  },
  {
    name: "selectors that cannot be",
    steps: [
      get(models, { query: { labelSelector: "a in" } }),
      get(models, { query: { fieldSelector: "name" } }),
      get(models, { query: { labelSelector: "a=not a value!" } }),
    ],
  },
  {
    name: "a list by pages",
    steps: [
      ...three,
      get(models, { query: { limit: "2" }, save: { token: "metadata.continue" } }),
      get(models, { query: { limit: "2", continue: "{{token}}" } }),
      get(models, { query: { limit: "1", labelSelector: "team=one" } }),
    ],
  },
  {
    name: "a continue token that is not one",
    steps: [get(models, { query: { limit: "2", continue: "nonsense" } }), get(models, { query: { limit: "x" } })],
  },
  {
    name: "a page keeps its version when the list changes",
    steps: [
      ...three,
      get(models, { query: { limit: "1" }, save: { token: "metadata.continue" } }),
      remove(`${models}/b`),
      post(models, model("d")),
      get(models, { query: { continue: "{{token}}" } }),
    ],
  },
  {
    name: "a list at versions that cannot be",
    steps: [
      get(models, { query: { resourceVersion: "x" } }),
      get(models, { query: { resourceVersion: "0", resourceVersionMatch: "Exact" } }),
      get(models, { query: { resourceVersionMatch: "Exact" } }),
      get(models, { query: { resourceVersion: "1", resourceVersionMatch: "Sometimes" } }),
    ],
  },
  {
    name: "an object as a table",
    steps: [post(models, model("a")), get(a, { accept: table }), get(a, { accept: table, query: { includeObject: "None" } })],
  },
  {
    name: "a list as a table",
    steps: [
      ...three,
      get(models, { accept: table }),
      get(models, { accept: table, query: { includeObject: "Object", limit: "1" } }),
    ],
  },
  { name: "namespaces as a table", steps: [get(`${namespaces}/{{ns}}`, { accept: table })] },
  {
    name: "an object as its metadata",
    steps: [
      post(models, model("a")),
      get(a, { accept: partial }),
      merge(a, { metadata: { labels: { x: "y" } } }, { accept: partial }),
    ],
  },
  { name: "a list as metadata", steps: [...three, get(models, { accept: partialList })] },
  {
    name: "a form that there is not",
    steps: [
      get(models, { accept: "text/html" }),
      get(models, { accept: "application/json;as=Chart;g=meta.k8s.io;v=v1,application/json" }),
    ],
  },
  {
    name: "a watch from a version sees what came after it",
    steps: [
      post(models, model("a"), from),
      merge(a, { spec: { replicas: 2 } }),
      merge(a, { spec: { replicas: 2 } }),
      post(models, model("b", {}, { finalizers: ["example.com/one"] })),
      remove(a),
      remove(`${models}/b`),
      merge(`${models}/b`, { metadata: { finalizers: null } }),
      watch(models, 5, { resourceVersion: "{{start}}" }),
    ],
  },
  {
    name: "a watch of one object by its name",
    steps: [
      post(models, model("a"), from),
      post(models, model("b")),
      merge(a, { spec: { replicas: 2 } }),
      watch(models, 1, { resourceVersion: "{{start}}", fieldSelector: "metadata.name=a" }),
    ],
  },
  {
    name: "a watch by label sees objects come and go",
    steps: [
      post(models, model("start"), from),
      post(models, model("a", {}, { labels: { team: "one" } })),
      merge(a, { metadata: { labels: { team: "two" } } }),
      merge(a, { spec: { replicas: 2 } }),
      merge(a, { metadata: { labels: { team: "one" } } }),
      merge(a, { spec: { replicas: 3 } }),
      remove(a),
      watch(models, 5, { resourceVersion: "{{start}}", labelSelector: "team=one" }),
    ],
  },
  {
    name: "a watch without a version begins with what there is",
    steps: [...three, watch(models, 3, {}), watch(models, 3, { resourceVersion: "0" })],
  },
  {
    name: "a watch that lists first, and says where the list ends",
    steps: [
      ...three,
      watch(models, 4, { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan", allowWatchBookmarks: "true" }),
    ],
  },
  {
    name: "a watch that lists first, asked for wrongly",
    steps: [
      watch(models, 1, { sendInitialEvents: "true" }),
      watch(models, 1, { sendInitialEvents: "true", resourceVersionMatch: "Exact" }),
      watch(models, 1, { resourceVersionMatch: "NotOlderThan", resourceVersion: "1" }),
    ],
  },
  {
    name: "a watch of tables and of metadata",
    steps: [...three, watch(models, 3, {}, { accept: table }), watch(models, 3, {}, { accept: partial })],
  },
  { name: "a watch from a version that is no version", steps: [watch(models, 1, { resourceVersion: "x" })] },
  { name: "a watch from a version long gone", steps: [watch(models, 1, { resourceVersion: "1" })] },
  {
    name: "a watch shows the status through the same stream",
    steps: [
      post(models, model("a"), from),
      merge(`${a}/status`, { status: { replicas: 1 } }),
      watch(models, 1, { resourceVersion: "{{start}}" }),
    ],
  },
];
