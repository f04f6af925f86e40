import { apply, type Case, get, jsonPatch, merge, post, put, remove } from "../case.ts";
import { model, models, namespace, namespaces, revision, revisions, secret, secrets } from "../objects.ts";

const a = `${models}/a`;
const other = `${namespaces}/{{ns}}-other`;

/** Deletion, finalizers, owners and namespaces. */
export const deletionCases: readonly Case[] = [
  { name: "delete", steps: [post(models, model("a")), remove(a), get(a), remove(a)] },
  {
    name: "delete with a finalizer waits for it",
    steps: [
      post(models, model("a", {}, { finalizers: ["example.com/one", "example.com/two"] })),
      remove(a),
      remove(a),
      get(a),
      merge(a, { metadata: { finalizers: ["example.com/two"] } }),
      merge(a, { metadata: { finalizers: null } }),
      get(a),
    ],
  },
  {
    name: "an object on its way out may be changed, but gets no new finalizer",
    steps: [
      post(models, model("a", {}, { finalizers: ["example.com/one"] })),
      remove(a),
      merge(a, { spec: { replicas: 3 } }),
      merge(a, { metadata: { finalizers: ["example.com/one", "example.com/two"] } }),
      merge(a, { metadata: { deletionTimestamp: null } }),
      post(models, model("a")),
      apply("cli", a, model("a", {}, { finalizers: ["example.com/three"] })),
      jsonPatch(a, [{ op: "remove", path: "/metadata/finalizers" }]),
    ],
  },
  {
    name: "finalizers that are not names",
    steps: [
      post(models, model("a", {}, { finalizers: ["no name"] })),
      post(models, model("b", {}, { finalizers: ["short"] })),
      post(models, model("c", {}, { finalizers: ["example.com/one", "example.com/one"] })),
    ],
  },
  {
    name: "a deletionTimestamp cannot be written",
    steps: [post(models, model("a")), merge(a, { metadata: { deletionTimestamp: "2020-01-01T00:00:00Z" } })],
  },
  {
    name: "preconditions of a deletion",
    steps: [
      post(models, model("a"), { save: { old: "metadata.resourceVersion" } }),
      merge(a, { spec: { replicas: 2 } }, { save: { now: "metadata.resourceVersion", uid: "metadata.uid" } }),
      remove(a, options({ preconditions: { uid: "00000000-0000-0000-0000-000000000000" } })),
      remove(a, options({ preconditions: { resourceVersion: "{{old}}" } })),
      remove(a, options({ preconditions: { uid: "{{uid}}", resourceVersion: "{{now}}" } })),
    ],
  },
  {
    name: "deletion as a dry run",
    steps: [
      post(models, model("a")),
      remove(a, undefined, { query: { dryRun: "All" } }),
      remove(a, options({ dryRun: ["All"] })),
      remove(a, options({ dryRun: ["Some"] })),
      get(a),
    ],
  },
  {
    name: "deletion in the foreground marks first",
    steps: [
      post(models, model("a"), { save: { owner: "metadata.uid" } }),
      post(secrets, secret("held", {}, { ownerReferences: [reference("{{owner}}", true)], finalizers: ["example.com/one"] })),
      remove(a, options({ propagationPolicy: "Foreground" })),
      get(a),
      merge(`${secrets}/held`, { metadata: { finalizers: null } }),
      get(a, { until: 404 }),
      get(`${secrets}/held`, { until: 404 }),
    ],
  },
  {
    name: "deletion that lets its dependents go",
    steps: [
      post(models, model("a"), { save: { owner: "metadata.uid" } }),
      post(revisions, revision("a-0000000001", "a", { ownerReferences: [reference("{{owner}}")] })),
      remove(a, options({ propagationPolicy: "Orphan" })),
      get(a, { until: 404 }),
      get(`${revisions}/a-0000000001`),
    ],
  },
  {
    name: "deletion in the background takes dependents along",
    steps: [
      post(models, model("a"), { save: { owner: "metadata.uid" } }),
      post(revisions, revision("a-0000000001", "a", { ownerReferences: [reference("{{owner}}")] })),
      remove(a, options({ propagationPolicy: "Background" })),
      get(a),
      get(`${revisions}/a-0000000001`, { until: 404 }),
    ],
  },
  {
    name: "options of a deletion that cannot be",
    steps: [
      post(models, model("a")),
      remove(a, options({ propagationPolicy: "Sideways" })),
      remove(a, options({ propagationPolicy: "Background", orphanDependents: true })),
      remove(a, options({ gracePeriodSeconds: -5 })),
    ],
  },
  {
    name: "a grace period has no effect",
    steps: [
      post(models, model("a", {}, { finalizers: ["example.com/one"] })),
      remove(a, options({ gracePeriodSeconds: 30 })),
      merge(a, { metadata: { finalizers: [] } }),
    ],
  },
  {
    name: "deletion of a collection by label",
    steps: [
      post(models, model("a", {}, { labels: { team: "one" } })),
      post(models, model("b", {}, { labels: { team: "two" } })),
      post(models, model("c", {}, { labels: { team: "one" }, finalizers: ["example.com/one"] })),
      remove(models, undefined, { query: { labelSelector: "team=one" } }),
      get(models),
      merge(`${models}/c`, { metadata: { finalizers: null } }),
    ],
  },
  {
    name: "an owner reference without its uid",
    steps: [post(models, model("a", {}, { ownerReferences: [{ apiVersion: "v1", kind: "Secret", name: "x" }] }))],
  },
  {
    name: "two owner references that both control",
    steps: [
      post(
        models,
        model(
          "a",
          {},
          {
            ownerReferences: [
              reference("00000000-0000-0000-0000-000000000001"),
              reference("00000000-0000-0000-0000-000000000002"),
            ].map((each) => ({ ...each, controller: true })),
          },
        ),
      ),
    ],
  },
  {
    name: "a namespace is made",
    steps: [
      post(namespaces, namespace("{{ns}}-other", { labels: { team: "one" } })),
      post(namespaces, namespace("{{ns}}-other")),
      merge(other, { metadata: { labels: { "kubernetes.io/metadata.name": "x", team: "two" } } }),
      apply("cli", other, namespace("{{ns}}-other", { annotations: { x: "y" } })),
      put(other, namespace("{{ns}}-other")),
      remove(other),
    ],
  },
  {
    name: "a namespace that goes takes its objects along",
    steps: [
      post(namespaces, namespace("{{ns}}-other")),
      post(`${namespaces}/{{ns}}-other/secrets`, secret("a")),
      remove(other),
      get(other, { until: 404 }),
      get(`${namespaces}/{{ns}}-other/secrets/a`),
    ],
  },
  {
    name: "a namespace on its way out takes nothing new",
    steps: [
      post(namespaces, namespace("{{ns}}-other")),
      post(`${namespaces}/{{ns}}-other/secrets`, secret("a", {}, { finalizers: ["example.com/one"] })),
      // So that it does not matter when the namespace's controller comes to it.
      remove(`${namespaces}/{{ns}}-other/secrets/a`),
      remove(other),
      post(`${namespaces}/{{ns}}-other/secrets`, secret("b")),
      merge(`${namespaces}/{{ns}}-other/secrets/a`, { metadata: { finalizers: null } }),
      get(other, { until: 404 }),
    ],
  },
  { name: "the default namespace stays", steps: [remove(`${namespaces}/default`)] },
  { name: "a namespace with a name that cannot be", steps: [post(namespaces, namespace("No_Name"))] },
];

function options(fields: object): object {
  return { apiVersion: "v1", kind: "DeleteOptions", ...fields };
}

function reference(uid: string, blockOwnerDeletion?: boolean): object {
  const block = blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion };
  return { apiVersion: "slipway.dev/v1alpha1", kind: "Model", name: "a", uid, ...block };
}
