import assert from "node:assert/strict";
import { test } from "node:test";
import { StepBarrier, type StepMember } from "./step-barrier.ts";

const turn = () => new Promise(setImmediate);

test("sequences that came at different times share every step from then on", async () => {
  const barrier = new StepBarrier();
  const steps: string[][] = [];
  let current: string[] | undefined;
  const run = async (name: string, member: StepMember, count: number) => {
    for (let step = 0; step < count; step += 1) {
      await member.arrive();
      if (current === undefined) {
        current = [];
        steps.push(current);
        setImmediate(() => {
          current = undefined;
        });
      }
      current.push(name);
      await turn();
    }
    member.leave();
  };
  const first = run("a", barrier.join(), 4);
  await turn();
  await Promise.all([first, run("b", barrier.join(), 2), run("c", barrier.join(), 4)]);
  assert.deepEqual(
    steps.map((step) => step.toSorted().join("")),
    ["a", "abc", "abc", "ac", "c"],
  );
});

test("nobody waits for one who has left, in the midst of a step or before it", async () => {
  const barrier = new StepBarrier();
  const [stays, goes, idle] = [barrier.join(), barrier.join(), barrier.join()];
  await stays.arrive();
  const joined = goes.arrive();
  await Promise.all([joined, stays.arrive()]);
  const next = stays.arrive();
  goes.leave();
  goes.leave();
  idle.leave();
  await next;
});
