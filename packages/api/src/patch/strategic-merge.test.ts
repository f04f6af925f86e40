import assert from "node:assert/strict";
import { test } from "node:test";
import { strategicMerge } from "./strategic-merge.ts";

test("strategicMerge merges objects, removes nulls and replaces lists", () => {
  const secret = { data: { a: "MQ==", b: "Mg==" }, metadata: { labels: { x: "1" } }, list: [1, 2] };
  assert.deepEqual(strategicMerge(secret, { data: { a: null, c: "Mw==" }, metadata: { labels: { y: "2" } }, list: [3] }), {
    data: { b: "Mg==", c: "Mw==" },
    metadata: { labels: { x: "1", y: "2" } },
    list: [3],
  });
});

test("strategicMerge merges the lists that have a strategy", () => {
  const namespace = {
    metadata: { finalizers: ["a"], ownerReferences: [{ uid: "1", name: "one" }] },
    status: { conditions: [{ type: "A", status: "True" }] },
  };
  const patch = {
    metadata: {
      finalizers: ["b", "a"],
      ownerReferences: [
        { uid: "1", name: "uno" },
        { uid: "2", name: "two" },
      ],
    },
    status: { conditions: [{ type: "B", status: "False" }] },
  };
  assert.deepEqual(strategicMerge(namespace, patch), {
    metadata: {
      finalizers: ["a", "b"],
      ownerReferences: [
        { uid: "1", name: "uno" },
        { uid: "2", name: "two" },
      ],
    },
    status: {
      conditions: [
        { type: "A", status: "True" },
        { type: "B", status: "False" },
      ],
    },
  });
});

test("strategicMerge refuses directives wherever they stand", () => {
  for (const patch of [
    { $patch: "replace" },
    { data: { $patch: "delete" } },
    { list: [{ $patch: "delete" }] },
    { metadata: { "$setElementOrder/finalizers": [] } },
  ]) {
    assert.throws(() => strategicMerge({}, patch), /directive .* not supported/);
  }
});
