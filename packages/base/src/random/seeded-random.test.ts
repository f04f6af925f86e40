import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "./seeded-random.ts";

test("seededRandom() gives the numbers of mulberry32, the same on every run", () => {
  const random = seededRandom(1);
  assert.deepEqual([random(), random(), random()], [0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  assert.notEqual(seededRandom(2)(), seededRandom(1)());
});

test("seededRandom() stays from 0 up to, but not, 1, and is even", () => {
  const random = seededRandom(-7);
  const drawn = Array.from({ length: 10_000 }, () => random());
  assert.ok(drawn.every((number) => number >= 0 && number < 1));
  assert.ok(Math.abs(drawn.reduce((sum, number) => sum + number, 0) / drawn.length - 0.5) < 0.02);
});
