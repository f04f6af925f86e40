import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isDeeperThan } from "./json-depth.ts";

function deeper(text: string, limit: number): boolean {
  return isDeeperThan(Buffer.from(text), limit);
}

/** Depth by walking the parsed value. */
function depth(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depth));
}

describe("isDeeperThan()", () => {
  it("counts arrays and objects", () => {
    assert.equal(deeper("[[{}]]", 3), false);
    assert.equal(deeper("[[{}]]", 2), true);
  });

  it("counts depth, not brackets", () => assert.equal(deeper("[[],[],[],[],[]]", 2), false));

  it("does not count what is in strings", () => {
    assert.equal(deeper('["[[[[[[","\\"[[[[[[","\\\\"]', 1), false);
    assert.equal(deeper('["\\\\",[]]', 1), true);
  });

  it("survives text that never ends", () => {
    assert.equal(deeper('[[["', 2), true);
    assert.equal(deeper('["[[[', 2), false);
    assert.equal(deeper('["\\', 0), true);
  });

  it("agrees with the parsed value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 7 }), (value, limit) => {
        assert.equal(deeper(JSON.stringify(value), limit), depth(value) > limit);
      }),
    );
  });
});
