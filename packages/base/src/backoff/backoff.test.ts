import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "./backoff.ts";

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
