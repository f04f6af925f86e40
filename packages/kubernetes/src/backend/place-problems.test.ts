import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, VirtualClock } from "@slipway/base";
import { PlaceProblems } from "./place-problems.ts";

test("a refusal is told of once, tried again ever later, and forgotten when it is none any more", async () => {
  const clock = new VirtualClock();
  const logged: string[] = [];
  const due: number[] = [];
  const problems = new PlaceProblems({ clock, log: createLog({ write: (line) => logged.push(line), clock }) }, () =>
    due.push(clock.monotonic()),
  );
  const key = { namespace: "default", name: "digits" };
  const problem = { revision: "digits-1", reason: "QuotaExceeded", message: "the quota is used up" };
  for (let attempt = 0; attempt < 10; attempt++) {
    problems.set(key, problem);
    assert.deepEqual(problems.of(key), [problem]);
    await clock.advance(30_000);
  }
  assert.equal(logged.length, 1);
  assert.equal(due.length, 1 + 10);
  assert.ok(due[1]! <= 2_000);
  assert.deepEqual(problems.of({ namespace: "other", name: "digits" }), []);
  problems.clear(key, "digits-1");
  problems.clear(key, "digits-1");
  assert.deepEqual([problems.of(key), due.length], [[], 12]);
  problems.set(key, problem);
  problems.retain(key, (revision) => revision === "digits-1");
  assert.equal(problems.of(key).length, 1);
  problems.retain(key, () => false);
  assert.deepEqual([problems.of(key), problems.keys()], [[], []]);
  problems.set(key, problem);
  problems.close();
  await clock.advance(100_000);
  assert.equal(due.length, 14);
});
