import assert from "node:assert/strict";
import { test } from "node:test";
import { goalRows, isMet } from "./goals.ts";

test("the median of the rounds is what is judged, against both bounds", () => {
  assert.equal(isMet({ id: "P", what: "", least: 0.9, measured: [0.5, 0.9, 0.95] }), true);
  assert.equal(isMet({ id: "P", what: "", least: 0.9, measured: [0.89] }), false);
  assert.equal(isMet({ id: "P", what: "", most: 10, measured: [10] }), true);
  assert.equal(isMet({ id: "P", what: "", least: 1, most: 2, measured: [3] }), false);
});

test("what was not measured is neither met nor missed", () => {
  const goal = { id: "P4", what: "health", most: 10, measured: [], unit: "ms" };
  assert.equal(isMet(goal), undefined);
  assert.deepEqual(goalRows([goal]), [{ goal: "P4", what: "health", target: "≤ 10 ms", measured: "not in this run", met: "–" }]);
});
