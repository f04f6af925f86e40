import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseBatch } from "./choose-batch.ts";

/** A run of n takes 2 + n milliseconds. */
const times = { expected: (size: number) => 2 + size };
const item = (name: string, deadlineAt?: number, size = 1) => ({ name, size, deadlineAt });
const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name).join("");

function choose(waiting: readonly ReturnType<typeof item>[], limit: number): string {
  const { take, drop } = chooseBatch(waiting, 100, limit, times);
  return `${names(take)}/${names(drop)}`;
}

test("without deadlines the first ones go, up to the limit, and none is given up", () => {
  assert.equal(choose([item("a"), item("b"), item("c")], 2), "ab/");
  assert.equal(choose([item("a", undefined, 3), item("b", undefined, 8), item("c")], 8), "a/");
  assert.equal(choose([item("a", undefined, 9), item("b")], 8), "a/");
  assert.equal(choose([], 8), "/");
});

test("what is late even alone is given up", () => {
  assert.equal(choose([item("a", 102), item("b", 103), item("c", 120)], 1), "b/a");
});

test("a batch is as small as the tightest of it needs", () => {
  assert.equal(choose([item("a", 104), item("b", 120), item("c", 120)], 8), "ab/");
});

test("what would make a batch smaller than half is given up", () => {
  assert.equal(choose([item("a", 103), item("b", 120), item("c", 120)], 8), "bc/a");
});

test("nothing is given up for others while all of them can be answered", () => {
  assert.equal(choose([item("a", 120), item("b", 120), item("c", 120)], 2), "ab/");
});
