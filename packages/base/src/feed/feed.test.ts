import assert from "node:assert/strict";
import { test } from "node:test";
import { Feed } from "./feed.ts";

interface Item {
  readonly id: string;
  readonly value: number;
}

const feedOf = (signal: AbortSignal) => new Feed<Item>(({ id }) => id, signal);

test("Feed keeps the newest of an id that waits, and one that was read may come again", async () => {
  const stop = new AbortController();
  const feed = feedOf(stop.signal);
  feed.push({ id: "a", value: 1 });
  feed.push({ id: "b", value: 2 });
  feed.push({ id: "a", value: 3 });
  const seen: Item[] = [];
  for await (const item of feed) {
    seen.push(item);
    if (seen.length === 1) feed.push({ id: "a", value: 4 });
    if (seen.length === 3) stop.abort();
  }
  assert.deepEqual(
    seen.map(({ id, value }) => `${id}${value}`),
    ["a3", "b2", "a4"],
  );
});

test("Feed brings a failure to the reader after what waited", async () => {
  const feed = feedOf(new AbortController().signal);
  feed.push({ id: "a", value: 1 });
  feed.fail(new Error("gone"));
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const { id } of feed) seen.push(id);
  }, /gone/);
  assert.deepEqual(seen, ["a"]);
});

test("Feed ends a reader that waits when its signal aborts", async () => {
  const stop = new AbortController();
  const reading = (async () => {
    for await (const _ of feedOf(stop.signal)) assert.fail("nothing was pushed");
  })();
  stop.abort();
  await reading;
});
