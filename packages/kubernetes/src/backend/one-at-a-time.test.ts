import assert from "node:assert/strict";
import { test } from "node:test";
import { OneAtATime } from "./one-at-a-time.ts";

test("work of one key waits for what was asked before it, also when that failed; other keys do not", async () => {
  const queue = new OneAtATime();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = queue.run("a", async () => {
    await gate.promise;
    seen.push("a1");
    throw new Error("no");
  });
  const second = queue.run("a", async () => seen.push("a2"));
  await queue.run("b", async () => seen.push("b"));
  gate.resolve();
  await assert.rejects(first, /no/);
  await second;
  assert.deepEqual(seen, ["b", "a1", "a2"]);
});
