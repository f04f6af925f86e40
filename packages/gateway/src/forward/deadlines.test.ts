import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { Deadlines, type DeadlineWaiter } from "./deadlines.ts";

function setup() {
  const clock = new VirtualClock();
  const heard: string[] = [];
  const waiter = (name: string): DeadlineWaiter => ({ timeOut: () => heard.push(`${name} ${clock.monotonic()}`) });
  return { clock, heard, waiter, deadlines: new Deadlines(clock) };
}

test("each deadline is told at its millisecond, far or near, alone or beside others", async () => {
  const { clock, heard, waiter, deadlines } = setup();
  await clock.advance(1_003);
  deadlines.watch(61_003, waiter("far"));
  deadlines.watch(61_001, waiter("beside it"));
  deadlines.watch(1_004, waiter("near"));
  deadlines.watch(1_250, waiter("at a step"));
  await clock.advance(59_800);
  deadlines.watch(61_002, waiter("late comer"));
  await clock.advance(1_000);
  assert.deepEqual(heard, ["near 1004", "at a step 1250", "beside it 61001", "late comer 61002", "far 61003"]);
});

test("a deadline that has passed is told at once, but never before watching has begun", async () => {
  const { clock, heard, waiter, deadlines } = setup();
  await clock.advance(5_000);
  deadlines.watch(4_000, waiter("passed"));
  assert.deepEqual(heard, []);
  await clock.advance(0);
  assert.deepEqual(heard, ["passed 5000"]);
});

test("who forgets hears nothing, before its step begins and after", async () => {
  const { clock, heard, waiter, deadlines } = setup();
  const [early, late, kept] = [waiter("early"), waiter("late"), waiter("kept")];
  const [one, two] = [deadlines.watch(10_100, early), deadlines.watch(10_200, late)];
  deadlines.watch(10_201, kept);
  one.forget();
  await clock.advance(10_050);
  two.forget();
  two.forget();
  await clock.advance(1_000);
  assert.deepEqual(heard, ["kept 10201"]);
});

test("a thousand deadlines of the same moment are one timer until it is near", () => {
  const { clock, waiter } = setup();
  let timers = 0;
  const counting = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms: number) => clock.sleep(ms),
    after: (ms: number, callback: () => void) => {
      timers += 1;
      return clock.after(ms, callback);
    },
  };
  const deadlines = new Deadlines(counting);
  for (let index = 0; index < 1_000; index += 1) deadlines.watch(60_000 + index / 10, waiter(`${index}`));
  assert.equal(timers, 1);
});

test("a closed one tells nobody", async () => {
  const { clock, heard, waiter, deadlines } = setup();
  deadlines.watch(60_000, waiter("far"));
  deadlines.close();
  await clock.advance(100_000);
  assert.deepEqual(heard, []);
});
