import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "./backoff.ts";
import { jittered } from "./jittered.ts";

test("it doubles from the first to the most, and is nothing without a failure", () => {
  assert.deepEqual(
    [-1, 0, 1, 2, 3, 6, 7, 8, 1e6].map((failures) => backoff(failures)),
    [0, 0, 1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000],
  );
  assert.deepEqual(
    [1, 2, 5].map((failures) => backoff(failures, 100, 800)),
    [100, 200, 800],
  );
});

test("jitter never waits longer than asked, nor less than half of it", () => {
  assert.deepEqual(
    [0, 0.5, 1].map((random) => jittered(1_000, random)),
    [500, 750, 1_000],
  );
  assert.equal(jittered(0), 0);
});
