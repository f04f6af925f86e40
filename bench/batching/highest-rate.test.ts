import assert from "node:assert/strict";
import { test } from "node:test";
import { highestRate } from "./highest-rate.ts";

const fractions = [0.3, 0.5, 0.7, 0.8, 0.9, 1];

test("finds the highest that holds, whichever it is, and none when none does", async () => {
  for (const [index, limit] of [0.2, ...fractions].entries()) {
    const found = await highestRate(fractions, 5, async (fraction) => fraction <= limit);
    assert.equal(found, [undefined, ...fractions][index]);
  }
});

test("whole rounds decide over the one that bracketed", async () => {
  // One round is too kind at 0.8 and too strict at 0.5.
  const kind = await highestRate(fractions, 5, async (fraction, rounds) => fraction <= (rounds === 1 ? 0.8 : 0.5));
  assert.equal(kind, 0.5);
  const strict = await highestRate(fractions, 5, async (fraction, rounds) => fraction <= (rounds === 1 ? 0.5 : 0.8));
  assert.equal(strict, 0.8);
});
