import assert from "node:assert/strict";
import { it } from "node:test";
import { ByteBudget } from "./byte-budget.ts";

it("ByteBudget gives what is there, to the last byte, and takes it back", () => {
  const budget = new ByteBudget(10);
  assert.ok(budget.take(4) && budget.take(6) && budget.take(0));
  assert.equal(budget.take(1), false);
  assert.equal(budget.used, 10);
  budget.give(6);
  assert.equal(budget.take(7), false);
  assert.ok(budget.take(6));
});
