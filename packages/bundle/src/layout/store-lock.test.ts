import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock, VirtualClock } from "@slipway/base";
import { scratch } from "../testing/scratch.ts";
import { withStoreLock } from "./store-lock.ts";

test("one at a time", async (t) => {
  const file = join(await scratch(t), "lock.db");
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
  };
  await Promise.all(Array.from({ length: 10 }, () => withStoreLock(file, systemClock, work)));
  assert.equal(most, 1);
});

test("whoever waits too long is told, and a failed holder lets go", async (t) => {
  const file = join(await scratch(t), "lock.db");
  const clock = new VirtualClock();
  const holder = withStoreLock(file, systemClock, async () => {
    const waiting = withStoreLock(file, clock, async () => {});
    const told = assert.rejects(waiting, { code: "unavailable" });
    await clock.advance(31_000);
    await told;
    throw new Error("stop");
  });
  await assert.rejects(holder, /stop/);
  assert.equal(await withStoreLock(file, systemClock, async () => "free"), "free");
});

test("a place that cannot be written is said", async (t) => {
  await assert.rejects(
    withStoreLock(join(await scratch(t), "missing/lock.db"), systemClock, async () => {}),
    { code: "storageFull" },
  );
});
