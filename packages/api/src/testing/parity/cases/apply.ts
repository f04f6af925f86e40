import { apply, type Case, get, jsonPatch, merge, post, put } from "../case.ts";
import { bundle, model, models, otherBundle, partOfModel } from "../objects.ts";

const a = `${models}/a`;

/** Server-side apply: who owns what, and who may change it. */
export const applyCases: readonly Case[] = [
  {
    name: "apply creates, and applying the same again changes nothing",
    steps: [apply("cli", a, model("a", { replicas: 2 })), apply("cli", a, model("a", { replicas: 2 })), get(a)],
  },
  {
    name: "apply changes a field that it owns",
    steps: [apply("cli", a, model("a", { replicas: 2 })), apply("cli", a, model("a", { replicas: 3 }))],
  },
  {
    name: "apply removes what it owned and no longer names",
    steps: [
      apply("cli", a, model("a", { replicas: 2, parameters: { x: "1", y: "2" } }, { labels: { team: "one", tier: "two" } })),
      apply("cli", a, model("a", { parameters: { x: "1" } }, { labels: { team: "one" } })),
      apply("cli", a, model("a")),
    ],
  },
  {
    name: "two managers apply different fields",
    steps: [apply("cli", a, model("a")), apply("scaler", a, partOfModel("a", { replicas: 4 })), get(a)],
  },
  {
    name: "two managers share a field of one value; it goes when both let go",
    steps: [
      apply("cli", a, model("a", { replicas: 4 })),
      apply("scaler", a, partOfModel("a", { replicas: 4 })),
      apply("cli", a, model("a")),
      apply("scaler", a, partOfModel("a", {})),
    ],
  },
  {
    name: "one conflict, then force",
    steps: [
      apply("cli", a, model("a", { replicas: 2 })),
      apply("scaler", a, partOfModel("a", { replicas: 4 })),
      apply("scaler", a, partOfModel("a", { replicas: 4 }), { force: "true" }),
      apply("cli", a, model("a", { replicas: 2 })),
    ],
  },
  {
    name: "several conflicts with several managers",
    steps: [
      apply("cli", a, model("a", { replicas: 2, parameters: { x: "1" } }, { labels: { team: "one" } })),
      apply("other", a, partOfModel("a", undefined, { labels: { tier: "two" } })),
      merge(a, { spec: { parameters: { y: "1" } } }, { query: { fieldManager: "edit" } }),
      apply(
        "third",
        a,
        model("a", { replicas: 3, parameters: { x: "2", y: "2" } }, { labels: { team: "three", tier: "three" } }),
      ),
    ],
  },
  {
    name: "conflict with an update, as its message says",
    steps: [
      post(models, model("a", { replicas: 2 }), { query: { fieldManager: "creator" } }),
      apply("cli", a, model("a", { replicas: 3 })),
      apply("cli", a, model("a", { replicas: 2 })),
    ],
  },
  {
    name: "apply after create by the same manager's name",
    steps: [
      post(models, model("a", { replicas: 2 }), { query: { fieldManager: "cli" } }),
      apply("cli", a, model("a", { replicas: 3 })),
      apply("cli", a, model("a", { replicas: 3 }), { force: "true" }),
    ],
  },
  {
    name: "update after apply takes the fields it changes",
    steps: [
      apply("cli", a, model("a", { replicas: 2, parameters: { x: "1", y: "2" } })),
      put(a, model("a", { replicas: 5, parameters: { x: "1", y: "2" } }), { query: { fieldManager: "edit" } }),
      get(a, { save: { seen: "metadata.resourceVersion" } }),
      put(a, model("a", { replicas: 5, parameters: { x: "1" } }, { resourceVersion: "{{seen}}" }), {
        query: { fieldManager: "edit" },
      }),
      apply("cli", a, model("a", { replicas: 2, parameters: { x: "1", y: "2" } })),
    ],
  },
  {
    name: "a keyed list is shared by item",
    steps: [
      apply("cli", a, model("a", { traffic: [{ revision: "a-0000000001", percent: 100 }] })),
      apply("router", a, partOfModel("a", { traffic: [{ revision: "a-0000000002", percent: 0 }] })),
      apply(
        "cli",
        a,
        model("a", {
          traffic: [
            { revision: "a-0000000003", percent: 0 },
            { revision: "a-0000000001", percent: 100 },
          ],
        }),
      ),
      apply("router", a, partOfModel("a", {})),
    ],
  },
  {
    name: "a conflict inside an item of a keyed list",
    steps: [
      apply("cli", a, model("a", { traffic: [{ revision: "a-0000000001", percent: 100 }] })),
      apply("router", a, partOfModel("a", { traffic: [{ revision: "a-0000000001", percent: "100%" }] })),
    ],
  },
  {
    name: "a keyed list with one key twice",
    steps: [
      apply(
        "cli",
        a,
        model("a", {
          traffic: [
            { revision: "a-0000000001", percent: 50 },
            { revision: "a-0000000001", percent: 50 },
          ],
        }),
      ),
    ],
  },
  {
    name: "an item of a keyed list without its key",
    steps: [apply("cli", a, model("a", { traffic: [{ percent: 100 }] }))],
  },
  {
    name: "a set is shared by value",
    steps: [
      apply("cli", a, model("a", {}, { finalizers: ["example.com/one"] })),
      apply("other", a, partOfModel("a", undefined, { finalizers: ["example.com/two", "example.com/one"] })),
      apply("cli", a, model("a")),
      apply("other", a, partOfModel("a", undefined, {})),
    ],
  },
  {
    name: "an atomic list has one owner",
    steps: [
      apply("cli", a, model("a", { signature: signature([1, 64]) })),
      apply("other", a, partOfModel("a", { signature: signature([1, 64]) })),
      apply("third", a, partOfModel("a", { signature: signature([2, 64]) })),
      apply("third", a, partOfModel("a", { signature: signature([2, 64]) }), { force: "true" }),
    ],
  },
  {
    name: "owner references are a list keyed by uid",
    steps: [
      post(models, model("owner"), { save: { owner: "metadata.uid" } }),
      apply("cli", a, model("a", {}, { ownerReferences: [reference("{{owner}}")] })),
      apply("other", a, partOfModel("a", undefined, { ownerReferences: [{ ...reference("{{owner}}"), controller: true }] })),
      apply("cli", a, model("a")),
    ],
  },
  {
    name: "null in a configuration",
    steps: [
      apply("cli", a, model("a", { replicas: null, parameters: { x: "1" } }, { labels: null })),
      apply("cli", a, model("a", { replicas: 2 })),
      apply("cli", a, model("a", { replicas: null })),
    ],
  },
  {
    name: "an empty map and an empty list in a configuration",
    steps: [
      apply("cli", a, model("a", { parameters: {}, traffic: [] }, { labels: {} })),
      apply("cli", a, model("a", { parameters: {} })),
      apply("cli", a, model("a")),
    ],
  },
  {
    name: "a default is nobody's until somebody applies it",
    steps: [
      apply("cli", a, model("a")),
      apply("other", a, partOfModel("a", { scaling: { minReplicas: 2 } })),
      apply("other", a, partOfModel("a", {})),
    ],
  },
  {
    name: "apply without a field manager",
    steps: [apply("", a, model("a"))],
  },
  {
    name: "apply of managedFields",
    steps: [
      apply(
        "cli",
        a,
        model("a", {}, { managedFields: [{ manager: "x", operation: "Apply", apiVersion: "slipway.dev/v1alpha1" }] }),
      ),
      apply("cli", a, model("a", {}, { managedFields: [] })),
      apply("cli", a, model("a", {}, { managedFields: null })),
    ],
  },
  {
    name: "apply at a version: the one there is, an old one, and one of nothing",
    steps: [
      apply("cli", `${models}/b`, model("b", {}, { resourceVersion: "1" })),
      post(models, model("a"), { save: { old: "metadata.resourceVersion" } }),
      merge(a, { metadata: { labels: { x: "y" } } }, { save: { now: "metadata.resourceVersion" } }),
      apply("cli", a, partOfModel("a", { replicas: 2 }, { resourceVersion: "{{old}}" })),
      apply("cli", a, partOfModel("a", { replicas: 2 }, { resourceVersion: "{{now}}" })),
    ],
  },
  {
    name: "apply with another's uid",
    steps: [
      apply("cli", a, model("a", {}, { uid: "00000000-0000-0000-0000-000000000000" })),
      post(models, model("a")),
      apply("cli", a, model("a", {}, { uid: "00000000-0000-0000-0000-000000000000" })),
    ],
  },
  {
    name: "apply of another name, kind and version than the path's",
    steps: [
      apply("cli", a, model("b")),
      apply("cli", a, { ...model("a"), kind: "Revision" }),
      apply("cli", a, { ...model("a"), apiVersion: "slipway.dev/v2" }),
      apply("cli", a, model("a", {}, { namespace: "elsewhere" })),
    ],
  },
  {
    name: "apply of text that is YAML, and of text that is nothing",
    steps: [
      apply(
        "cli",
        a,
        `apiVersion: slipway.dev/v1alpha1\nkind: Model\nmetadata:\n  name: a\nspec:\n  source:\n    bundle: ${bundle}\n`,
      ),
      apply("cli", a, "- a\n- b\n"),
      apply("cli", a, "a: [b"),
    ],
  },
  {
    name: "a dry run of apply",
    steps: [
      apply("cli", a, model("a"), { dryRun: "All" }),
      get(a),
      apply("cli", a, model("a")),
      apply("cli", a, model("a", { replicas: 7 }), { dryRun: "All" }),
      get(a),
      apply("cli", a, model("a"), { dryRun: "Some" }),
    ],
  },
  {
    name: "apply may not set what the server keeps",
    steps: [
      apply("cli", a, model("a", {}, { generation: 7, creationTimestamp: "2020-01-01T00:00:00Z" })),
      apply("cli", a, { ...model("a"), status: { replicas: 9 } }),
    ],
  },
  {
    name: "managedFields reset by a patch, then apply",
    steps: [
      apply("cli", a, model("a", { replicas: 2 })),
      merge(a, { metadata: { managedFields: [{}] } }),
      apply("cli", a, model("a", { replicas: 3 })),
    ],
  },
  {
    name: "managedFields reset by a JSON patch, then an update",
    steps: [
      apply("cli", a, model("a", { replicas: 2 })),
      jsonPatch(a, [{ op: "replace", path: "/metadata/managedFields", value: [{}] }]),
      merge(a, { spec: { replicas: 3 } }),
    ],
  },
  {
    name: "managedFields that an update leaves out or empties",
    steps: [
      apply("cli", a, model("a", { replicas: 2 }), {}),
      get(a, { save: { seen: "metadata.resourceVersion" } }),
      put(a, model("a", { replicas: 3 }, { resourceVersion: "{{seen}}", managedFields: [] }), {
        query: { fieldManager: "edit" },
      }),
      merge(a, { metadata: { managedFields: null } }),
    ],
  },
  {
    name: "a parameter with a name full of marks",
    steps: [
      apply("cli", a, model("a", { parameters: { "a.b/c d": "1", "~": "2", ü: "3" } })),
      apply("x", a, partOfModel("a", { parameters: { "a.b/c d": "2" } })),
    ],
  },
  {
    name: "another bundle makes a new generation, a label does not",
    steps: [
      apply("cli", a, model("a")),
      apply("cli", a, model("a", { source: { bundle: otherBundle } })),
      apply("cli", a, model("a", { source: { bundle: otherBundle } }, { labels: { a: "b" } })),
    ],
  },
];

function signature(shape: number[]): object {
  const tensor = (name: string) => ({ name, datatype: "FP32", shape });
  return { inputs: [tensor("x")], outputs: [tensor("y")] };
}

function reference(uid: string): object {
  return { apiVersion: "slipway.dev/v1alpha1", kind: "Model", name: "owner", uid };
}
