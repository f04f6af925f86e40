import assert from "node:assert/strict";
import { test } from "node:test";
import { numbersIn, sameNumbers } from "./answer-numbers.ts";

test("the same numbers come out of every server's form", () => {
  for (const answer of [{ outputs: [{ name: "y", data: [1, 2] }] }, { output: [[1, 2]] }, [[1, 2]]])
    assert.deepEqual(numbersIn(answer), [1, 2]);
});

test("answers differ when a number or their count does", () => {
  assert.ok(sameNumbers([1, 2], [1.0001, 2]));
  assert.ok(!sameNumbers([1, 2], [1.1, 2]));
  assert.ok(!sameNumbers([1, 2], [1]));
  assert.ok(!sameNumbers([1], [Number.NaN]));
});
