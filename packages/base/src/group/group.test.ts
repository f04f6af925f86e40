import assert from "node:assert/strict";
import { test } from "node:test";
import { aborted, runGroup } from "./group.ts";

const forever = (name: string, ended: string[]) => ({
  name,
  run: async (signal: AbortSignal) => {
    await aborted(signal);
    ended.push(name);
  },
});

test("the first actor that ends stops all others", async () => {
  const ended: string[] = [];
  const short = { name: "short", run: async () => {} };
  await runGroup([forever("a", ended), short, forever("b", ended)], new AbortController().signal);
  assert.deepEqual(ended, ["a", "b"]);
});

test("a failure stops all and is thrown after all have ended", async () => {
  const ended: string[] = [];
  const failing = { name: "failing", run: () => Promise.reject(new Error("broken")) };
  await assert.rejects(runGroup([forever("a", ended), failing], new AbortController().signal), /broken/);
  assert.deepEqual(ended, ["a"]);
});

test("an abort from outside is not a failure, whatever the actors throw", async () => {
  const stop = new AbortController();
  const throwing = {
    name: "throwing",
    run: async (signal: AbortSignal) => {
      await aborted(signal);
      throw new Error("while stopping");
    },
  };
  const group = runGroup([throwing], stop.signal);
  stop.abort();
  await group;
  await runGroup([throwing], AbortSignal.abort());
});
