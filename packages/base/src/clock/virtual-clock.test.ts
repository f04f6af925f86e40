import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "./virtual-clock.ts";

test("timers fire in order of their time, and only when it has come", async () => {
  const clock = new VirtualClock(0);
  const fired: string[] = [];
  clock.after(200, () => fired.push("b"));
  clock.after(100, () => fired.push("a"));
  const cancel = clock.after(150, () => fired.push("cancelled"));
  cancel();
  await clock.advance(99);
  assert.deepEqual(fired, []);
  await clock.advance(1);
  assert.deepEqual(fired, ["a"]);
  await clock.advance(1_000);
  assert.deepEqual(fired, ["a", "b"]);
  assert.equal(clock.now(), 1_100);
});

test("a sleep that starts another sleep is followed within one advance", async () => {
  const clock = new VirtualClock();
  let done = false;
  const work = (async () => {
    await clock.sleep(10);
    await clock.sleep(10);
    done = true;
  })();
  await clock.advance(20);
  await work;
  assert.equal(done, true);
});

test("an aborted sleep rejects with the signal's reason", async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const sleeping = clock.sleep(1_000, stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(sleeping, /enough/);
});
