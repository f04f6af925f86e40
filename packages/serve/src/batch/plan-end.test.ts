import assert from "node:assert/strict";
import { test } from "node:test";
import { type Backlog, planEnd } from "./plan-end.ts";

/** A run of n takes 2 + n milliseconds. */
const times = { cautious: (size: number) => 2 + size };
const end = (more: Partial<Backlog>, size = 1) =>
  planEnd(size, { now: 100, freeAt: [100], othersMs: 0, ahead: 0, rate: 0, limit: 4, times, ...more });

test("a request that comes to a free model takes its run", () => {
  assert.equal(end({}), 103);
  assert.equal(end({ freeAt: [90] }), 103);
  assert.equal(end({}, 9), 111);
});

test("one that waits joins the batch of those before it, or the next when that is full", () => {
  assert.equal(end({ freeAt: [110], ahead: 2 }), 115);
  assert.equal(end({ freeAt: [110], ahead: 4 }), 116 + 3);
  assert.equal(end({ freeAt: [110], ahead: 9 }), 110 + 6 + 6 + 4);
});

test("those that will join meanwhile make its batch longer, up to the limit", () => {
  assert.equal(end({ freeAt: [110], rate: 0.1 }), 110 + 2 + 2);
  assert.equal(end({ freeAt: [110], rate: 5 }), 110 + 6);
});

test("other instances, and requests of other shapes, count", () => {
  assert.equal(end({ freeAt: [120, 105], ahead: 4 }), 105 + 6 + 3);
  assert.equal(end({ freeAt: [110, 110], othersMs: 8 }), 114 + 3);
});
