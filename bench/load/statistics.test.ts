import assert from "node:assert/strict";
import { test } from "node:test";
import { median, percentile, ratios, withRange } from "./statistics.ts";

test("the median does not depend on order, and is the lower middle of an even number", () => {
  assert.equal(median([5, 1, 9]), 5);
  assert.equal(median([4, 1, 3, 2]), 2);
  assert.ok(Number.isNaN(median([])));
});

test("a percentile is a value that occurred", () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  assert.equal(percentile(sorted, 0.5), 50);
  assert.equal(percentile(sorted, 0.99), 99);
  assert.equal(percentile(sorted, 1), 100);
  assert.equal(percentile([7], 0.99), 7);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});

test("ratios pair the rounds", () => {
  assert.deepEqual(ratios([10, 30], [20, 20]), [0.5, 1.5]);
});

test("a range shows the least and the greatest", () => {
  assert.equal(withRange([0.8, 0.9, 0.7]), "0.80 (0.70–0.90)");
  assert.equal(withRange([]), "–");
  assert.equal(withRange([1, Number.NaN]), "–");
});
