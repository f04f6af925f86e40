import assert from "node:assert/strict";
import { test } from "node:test";
import { bound } from "./bound.ts";

const times = new Map([
  [1, 2],
  [2, 2.2],
  [4, 3],
  [8, 7],
]);

test("the bound is the best rate of a batch that fits twice into the objective", () => {
  assert.deepEqual(bound(times, 20), { rate: (4 / 3) * 1000, size: 4 });
  assert.deepEqual(bound(times, 5), { rate: (2 / 2.2) * 1000, size: 2 });
  assert.equal(bound(times, 3), undefined);
});

test("what every request costs beside the model lowers it", () => {
  assert.deepEqual(bound(times, 20, 0.25), { rate: 1000, size: 4 });
});
