import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RunTimes } from "./run-times.ts";

function learned(time: (size: number) => number, sizes: readonly number[], runs = 30): RunTimes {
  const times = new RunTimes();
  for (let run = 0; run < runs; run += 1) for (const size of sizes) times.record(size, time(size));
  return times;
}

const affine = (size: number) => 4 + size / 2;

describe("run times", () => {
  it("are nothing before the first run", () => {
    assert.equal(new RunTimes().expected(5), 0);
    assert.equal(new RunTimes().best(64, 10), 2);
  });

  it("are straight lines between what was seen, and in proportion beyond", () => {
    const times = learned(affine, [1, 4, 8]);
    for (const [size, ms] of [
      [1, 4.5],
      [2, 5],
      [6, 7],
      [8, 8],
      [16, 16],
    ] as const)
      assert.ok(Math.abs(times.expected(size) - ms) < 0.05, `s(${size}) = ${times.expected(size)}`);
  });

  it("never fall with the size, whatever was measured", () => {
    const run = fc.tuple(fc.integer({ min: 1, max: 64 }), fc.double({ min: 0.01, max: 100, noNaN: true }));
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 40 }), (runs) => {
        const times = new RunTimes();
        for (const [size, ms] of runs) times.record(size, ms);
        for (let size = 2; size <= 80; size += 1) assert.ok(times.expected(size) >= times.expected(size - 1) - 1e-9);
      }),
      { seed: 1 },
    );
  });

  it("forget a machine that was slower", () => {
    const times = learned((size) => affine(size) * 5, [1, 8, 32]);
    for (let run = 0; run < 60; run += 1) times.record(8, affine(8));
    assert.ok(Math.abs(times.expected(8) - 8) < 0.5);
    assert.ok(times.expected(32) < 70, "other sizes follow");
  });

  it("take a single long run for a hiccup", () => {
    const times = learned(affine, [1, 8]);
    times.record(8, 5_000);
    assert.ok(times.expected(8) < 12);
  });
});

describe("the best size", () => {
  it("is the smallest that is as fast as any", () => {
    assert.equal(learned((size) => 2 * size, [1, 2, 4, 8]).best(64, undefined), 1);
    assert.equal(learned((size) => (size <= 8 ? 5 : size), [1, 4, 8, 16, 32]).best(64, undefined), 8);
  });

  it("doubles while the largest that was seen is the best, up to the most", () => {
    assert.equal(learned(affine, [1, 4]).best(64, undefined), 8);
    assert.equal(learned(affine, [1, 4, 40]).best(64, undefined), 64);
  });

  it("leaves time for a second run within the objective", () => {
    assert.equal(learned(affine, [1, 10, 20]).best(64, 19), 10);
  });

  it("may be larger for a moment when few come", () => {
    const times = learned(affine, [1, 10, 20]);
    assert.equal(times.roomy(20, 19, 10), 10);
    assert.ok(times.roomy(20, 19, 0.2) > 15);
  });
});
