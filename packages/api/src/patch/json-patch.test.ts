import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonPatch } from "./json-patch.ts";

const target = Object.freeze({ a: Object.freeze({ "b/c": 1, "d~e": 2 }), list: Object.freeze([1, 2, 3]) });

test("jsonPatch applies every operation to a copy", () => {
  const patched = jsonPatch(target, [
    { op: "test", path: "/a/b~1c", value: 1 },
    { op: "replace", path: "/a/d~0e", value: 3 },
    { op: "add", path: "/list/1", value: 9 },
    { op: "remove", path: "/list/0" },
    { op: "replace", path: "/list/0", value: 8 },
    { op: "add", path: "/list/-", value: 4 },
    { op: "copy", from: "/list", path: "/copy" },
    { op: "move", from: "/a", path: "/moved" },
  ]);
  assert.deepEqual(patched, { list: [8, 2, 3, 4], copy: [8, 2, 3, 4], moved: { "b/c": 1, "d~e": 3 } });
  assert.deepEqual(target, { a: { "b/c": 1, "d~e": 2 }, list: [1, 2, 3] });
});

for (const [name, operation] of [
  ["a failed test", { op: "test", path: "/a/b~1c", value: 2 }],
  ["removal of nothing", { op: "remove", path: "/nope" }],
  ["replacement of nothing", { op: "replace", path: "/nope", value: 1 }],
  ["a place in nothing", { op: "add", path: "/no/where", value: 1 }],
  ["an index beyond the end", { op: "add", path: "/list/4", value: 1 }],
  ["an index that is not one", { op: "replace", path: "/list/x", value: 1 }],
  ["an index with a leading zero", { op: "replace", path: "/list/01", value: 1 }],
  ["a place after the end to replace", { op: "replace", path: "/list/-", value: 1 }],
] as const) {
  test(`jsonPatch refuses ${name} as invalid`, () => {
    assert.throws(() => jsonPatch(target, [operation]), { code: "invalid" });
  });
}

for (const patch of [
  {},
  [1],
  [{ op: "merge", path: "/a" }],
  [{ op: "add", path: "a", value: 1 }],
  [{ op: "add", path: "", value: 1 }],
  [{ op: "add", path: "/a" }],
  [{ op: "move", path: "/a" }],
  [{ op: "add", path: "/~2", value: 1 }],
  [{ op: "add", path: "/__proto__/polluted", value: 1 }],
  [{ op: "add", path: "/constructor/prototype/polluted", value: 1 }],
]) {
  test(`jsonPatch refuses ${JSON.stringify(patch)} as no patch`, () => {
    assert.throws(() => jsonPatch(target, patch), { code: "badRequest" });
    assert.equal("polluted" in Object.prototype, false);
  });
}
