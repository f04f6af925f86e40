import assert from "node:assert/strict";
import { test } from "node:test";
import { ArrivalRate } from "./arrival-rate.ts";

test("the rate is what came per millisecond of late, and fades when nothing comes", () => {
  const rate = new ArrivalRate(100);
  assert.equal(rate.at(50), 0);
  for (let now = 0; now < 1_000; now += 2) rate.record(now, 3);
  assert.ok(Math.abs(rate.at(1_000) - 1.5) < 0.05, `${rate.at(1_000)}`);
  assert.ok(rate.at(1_500) < 0.02);
});
