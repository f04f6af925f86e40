import assert from "node:assert/strict";
import { test } from "node:test";
import { poissonArrivals } from "./poisson.ts";

const rate = 500;
const seconds = 40;

test("as many arrivals as the rate says, ascending and inside the window", () => {
  const times = poissonArrivals({ rate, seconds, seed: 1 });
  // Four standard deviations of a Poisson count.
  assert.ok(Math.abs(times.length - rate * seconds) < 4 * Math.sqrt(rate * seconds), `${times.length} arrivals`);
  assert.ok(times.every((at, index) => at >= (times[index - 1] ?? 0) && at < seconds * 1000));
});

test("gaps are exponential: their standard deviation is their mean, and 1 - 1/e are below it", () => {
  const times = poissonArrivals({ rate, seconds, seed: 2 });
  const gaps = [...times].map((at, index) => at - (times[index - 1] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  assert.ok(Math.abs(deviation / mean - 1) < 0.05, `${deviation / mean}`);
  const below = gaps.filter((gap) => gap < mean).length / gaps.length;
  assert.ok(Math.abs(below - (1 - 1 / Math.E)) < 0.02, `${below}`);
});

test("a seed gives the same times again, another seed others", () => {
  const times = (seed: number) => [...poissonArrivals({ rate: 100, seconds: 1, seed })];
  assert.deepEqual(times(3), times(3));
  assert.notDeepEqual(times(3), times(4));
});
