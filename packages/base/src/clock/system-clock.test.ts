import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "./system-clock.ts";

test("a sleep ends after its time and not before", async () => {
  const before = systemClock.monotonic();
  await systemClock.sleep(5);
  assert.ok(systemClock.monotonic() - before >= 4);
});

test("an abort ends a sleep at once, before or during it", async () => {
  await assert.rejects(systemClock.sleep(60_000, AbortSignal.abort(new Error("before"))), /before/);
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort(new Error("during"));
  await assert.rejects(sleeping, /during/);
});

test("a cancelled timer does not fire", async () => {
  let fired = false;
  systemClock.after(1, () => {
    fired = true;
  })();
  await systemClock.sleep(5);
  assert.equal(fired, false);
});
