import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fieldChanges } from "./field-changes.ts";

test("fieldChanges names the smallest fields that differ", () => {
  const from = { spec: { a: 1, gone: true, list: [{ x: 1 }, 2], same: { y: [] } } };
  const to = { spec: { a: 2, list: [{ x: 3 }], same: { y: [] }, fresh: "f" } };
  assert.deepEqual(fieldChanges(from, to), [
    { path: "spec.a", from: 1, to: 2 },
    { path: "spec.gone", from: true },
    { path: "spec.list[0].x", from: 1, to: 3 },
    { path: "spec.list[1]", from: 2 },
    { path: "spec.fresh", to: "f" },
  ]);
});

test("equal values have no changes, whatever they are", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(fieldChanges(value, structuredClone(value)), []);
    }),
  );
});
