import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { leastInflight } from "./least-inflight.ts";

describe("leastInflight", () => {
  it("chooses one with the fewest requests, and each of several equals for some random numbers", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }), (loads) => {
        const candidates = loads.map((inflight) => ({ inflight }));
        const least = Math.min(...loads);
        const chosen = new Set<object>();
        for (let draw = 0; draw < 300; draw++) {
          const one = leastInflight(candidates, Math.random)!;
          assert.equal(one.inflight, least);
          chosen.add(one);
        }
        assert.equal(chosen.size, loads.filter((load) => load === least).length);
      }),
      { numRuns: 30 },
    );
  });

  it("chooses nothing from nothing", () => {
    assert.equal(leastInflight([], Math.random), undefined);
  });
});
