import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { type Outcome, WorkQueue } from "./work-queue.ts";

function queueOf(work: (item: string) => Promise<Outcome>, concurrency = 2) {
  const clock = new VirtualClock();
  return { clock, queue: new WorkQueue<string>({ clock, concurrency, keyOf: (item) => item, work }) };
}

test("a key never runs twice at a time, and what came meanwhile is folded into one more run", async () => {
  const runs: string[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { queue } = queueOf(async (item) => {
    runs.push(item);
    if (runs.length === 1) await gate;
    return { type: "done" };
  });
  queue.add("a");
  queue.add("a");
  queue.add("a");
  queue.add("b");
  assert.deepEqual(runs, ["a", "b"]);
  release();
  await queue.idle();
  assert.deepEqual(runs, ["a", "b", "a"]);
});

test("no more than the allowed number run at a time", async () => {
  let running = 0;
  let most = 0;
  const { queue } = queueOf(async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => setImmediate(resolve));
    running--;
    return { type: "done" };
  }, 3);
  for (let item = 0; item < 20; item++) queue.add(String(item));
  await queue.idle();
  assert.equal(most, 3);
});

test("failures back off per key: 100 ms, 200 ms, 400 ms; a success resets", async () => {
  const at: number[] = [];
  let failing = true;
  const { clock, queue } = queueOf(async () => {
    at.push(clock.monotonic());
    return { type: failing ? "retry" : "done" };
  });
  queue.add("a");
  await clock.advance(700);
  assert.deepEqual(at, [0, 100, 300, 700]);
  failing = false;
  await clock.advance(800);
  failing = true;
  queue.add("a");
  await clock.advance(100);
  assert.deepEqual(at, [0, 100, 300, 700, 1500, 1500, 1600]);
});

test("work asked for later comes later, or at once when something happens", async () => {
  const at: number[] = [];
  const { clock, queue } = queueOf(async () => {
    at.push(clock.monotonic());
    return at.length < 3 ? { type: "after", ms: 1_000 } : { type: "done" };
  });
  queue.add("a");
  await clock.advance(1_000);
  queue.add("a");
  await clock.advance(5_000);
  assert.deepEqual(at, [0, 1_000, 1_000]);
});

test("a stopped queue lets the running work end and starts nothing more", async () => {
  const runs: string[] = [];
  const { queue, clock } = queueOf(async (item) => {
    runs.push(item);
    await new Promise<void>((resolve) => setImmediate(resolve));
    return { type: "retry" };
  }, 1);
  queue.add("a");
  queue.add("b");
  await queue.stop();
  queue.add("c");
  await clock.advance(60_000);
  assert.deepEqual(runs, ["a"]);
});
