import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "@slipway/base";
import type { RouteTable } from "@slipway/protocol";
import fc from "fast-check";
import { route, routeView } from "./route-view.ts";

function view(percents: readonly number[]) {
  const revisions = percents.map((percent, index) => ({ name: `r${index}`, percent, replicas: [] }));
  const table: RouteTable = { generation: 1, models: [{ namespace: "default", name: "digits", revisions }] };
  return routeView(table);
}

const target = { namespace: "default", model: "digits", revision: undefined };

/** Whole percents that sum to 100. */
const shares = fc
  .array(fc.integer({ min: 0, max: 100 }), { minLength: 0, maxLength: 4 })
  .map((cuts) => [0, ...cuts.sort((a, b) => a - b), 100])
  .map((bounds) => bounds.slice(1).map((bound, index) => bound - bounds[index]!));

describe("route", () => {
  it("gives every revision exactly its percent of a hundred evenly spread numbers", () => {
    fc.assert(
      fc.property(shares, (percents) => {
        const counts = percents.map(() => 0);
        for (let step = 0; step < 100; step++) {
          const chosen = route(view(percents), target, (step + 0.5) / 100);
          counts[Number(chosen!.name.slice(1))]! += 1;
        }
        assert.deepEqual(counts, percents);
      }),
    );
  });

  it("keeps each revision's count of random draws within five standard deviations of its share", () => {
    fc.assert(
      fc.property(shares, fc.integer(), (percents, seed) => {
        const draws = 2_000;
        const random = seededRandom(seed);
        const routes = view(percents);
        const counts = percents.map(() => 0);
        for (let draw = 0; draw < draws; draw++) counts[Number(route(routes, target, random())!.name.slice(1))]! += 1;
        for (const [index, percent] of percents.entries()) {
          const share = percent / 100;
          assert.ok(
            Math.abs(counts[index]! - draws * share) <= 5 * Math.sqrt(draws * share * (1 - share)),
            `${percents} → ${counts}`,
          );
        }
      }),
      { numRuns: 50, seed: 7 },
    );
  });

  it("takes the others in their proportion when one is not ready, and none when none is", () => {
    const routes = view([50, 20, 30]);
    const ready = (revision: { name: string }) => revision.name !== "r0";
    assert.equal(route(routes, target, 0.39, ready)!.name, "r1");
    assert.equal(route(routes, target, 0.41, ready)!.name, "r2");
    assert.equal(
      route(routes, target, 0.5, () => false),
      undefined,
    );
    assert.equal(route(view([]), target, 0.5), undefined);
  });

  it("gives a pinned revision whatever its share, and never another instead", () => {
    const routes = view([100, 0]);
    const pinned = { ...target, revision: "r1" };
    assert.equal(route(routes, pinned, 0)!.name, "r1");
    assert.equal(
      route(routes, pinned, 0, (revision) => revision.name === "r0"),
      undefined,
    );
  });

  it("names what it does not know", () => {
    assert.throws(() => route(view([100]), { ...target, model: "diggits" }, 0), {
      code: "notFound",
      message: /"diggits" in namespace "default"/,
    });
    assert.throws(() => route(view([100]), { ...target, namespace: "other" }, 0), { code: "notFound", message: /"other"/ });
    assert.throws(() => route(view([100]), { ...target, revision: "r9" }, 0), { code: "notFound", message: /"r9"/ });
    assert.throws(
      () => route(view([100]), { ...target, model: "m".repeat(9_000) }, 0),
      (error: Error) => error.message.length < 200,
    );
  });
});
