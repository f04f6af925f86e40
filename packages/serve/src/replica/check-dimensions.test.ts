import assert from "node:assert/strict";
import { test } from "node:test";
import { dimensionCheck } from "./check-dimensions.ts";

const signature = {
  inputs: [
    { name: "ids", datatype: "INT64", shape: [-1, -1] },
    { name: "mask", datatype: "INT64", shape: [-1, -1] },
    { name: "other", datatype: "INT64", shape: [-1] },
  ],
  outputs: [],
} as const;
const check = dimensionCheck(signature, { inputs: [["batch", "seq"], ["batch", "seq"], [""]], outputs: [] });

function request(...shapes: number[][]) {
  return {
    inputs: shapes.map((shape, index) => ({ name: signature.inputs[index]!.name, datatype: "INT64", shape, data: [] }) as const),
  };
}

test("dimensions of one name that have one size are fine, whatever unnamed ones have", () => {
  check(request([2, 5], [2, 5], [9]));
});

for (const [shapes, message] of [
  [
    [[2, 5], [2, 4], [2]],
    'The shapes contradict one another: input "ids" has 5 in dimension 1 and input "mask" has 4 in dimension 1, but the model calls both "seq": they must be the same.',
  ],
  [
    [[1, 5], [2, 5], [2]],
    'The shapes contradict one another: input "ids" has 1 in dimension 0 and input "mask" has 2 in dimension 0, but the model calls both "batch": they must be the same.',
  ],
] as const) {
  test(`sizes that contradict are a bad request: ${JSON.stringify(shapes)}`, () =>
    assert.throws(() => check(request(...shapes.map((shape) => [...shape]))), { code: "badRequest", message }));
}
