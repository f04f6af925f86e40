import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteBudget } from "./byte-budget.ts";
import { HeldBytes } from "./held-bytes.ts";

test("HeldBytes takes from the budget until there is no room, and gives all back, once", () => {
  const budget = new ByteBudget(10);
  const [one, other] = [new HeldBytes(budget), new HeldBytes(budget)];
  one.hold(4);
  one.hold(2);
  other.hold(4);
  assert.throws(() => other.hold(1), { code: "unavailable", retryAfter: 1 });
  assert.equal(budget.used, 10);
  one.release();
  one.release();
  assert.equal(budget.used, 4);
  other.hold(6);
  other.release();
  assert.equal(budget.used, 0);
});

test("HeldBytes without a budget has no bound", () => {
  const held = new HeldBytes(undefined);
  held.hold(Number.MAX_SAFE_INTEGER);
  held.release();
});
