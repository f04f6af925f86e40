import assert from "node:assert/strict";
import { it } from "node:test";
import { nearestName } from "./nearest-name.ts";

for (const [wrong, known, expected] of [
  ["imgae", ["image", "label"], "image"],
  ["IMAGE", ["image"], "image"],
  ["input_ids2", ["input_mask", "input_ids"], "input_ids"],
  ["x", ["y"], undefined],
  ["completely", ["different"], undefined],
  ["", ["a"], undefined],
  ["a".repeat(10_000), ["a".repeat(9_999)], undefined],
] as const) {
  it(`nearestName() of ${JSON.stringify(wrong.slice(0, 20))} among ${JSON.stringify(known[0]!.slice(0, 20))} … is ${expected}`, () => {
    assert.equal(nearestName(wrong, known), expected);
  });
}
