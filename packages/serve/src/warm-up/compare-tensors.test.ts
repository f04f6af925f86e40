import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Tensor } from "@slipway/protocol";
import { compareTensors } from "./compare-tensors.ts";

const tolerance = { absolute: 1e-5, relative: 1e-5 };

function floats(...values: number[]): Tensor {
  return { name: "y", datatype: "FP64", shape: [1, values.length], data: new Float64Array(values) };
}

const labels = (...values: bigint[]): Tensor => ({
  name: "y",
  datatype: "INT64",
  shape: [values.length],
  data: new BigInt64Array(values),
});
const words = (...data: string[]): Tensor => ({ name: "y", datatype: "BYTES", shape: [data.length], data });
const flags = (...values: number[]): Tensor => ({
  name: "y",
  datatype: "BOOL",
  shape: [values.length],
  data: new Uint8Array(values),
});

describe("compareTensors()", () => {
  for (const [name, recorded, got] of [
    ["floats within the absolute tolerance", floats(0, 1), floats(0.000009, 1)],
    ["floats within the relative tolerance", floats(1e9), floats(1e9 + 9_000)],
    ["-0 and 0", floats(0), floats(-0)],
    ["infinity", floats(Number.POSITIVE_INFINITY), floats(Number.POSITIVE_INFINITY)],
    ["labels", labels(1n, 2n), labels(1n, 2n)],
    ["strings", words("a", "é"), words("a", "é")],
  ] as const) {
    it(`takes ${name}`, () => assert.equal(compareTensors(recorded, got, tolerance), undefined));
  }

  for (const [name, recorded, got, message] of [
    [
      "a float outside",
      floats(0, 1),
      floats(0, 1.00003),
      /^output "y"\[0\]\[1\]: expected 1, got 1.00003 \(tolerance: absolute 0.00001, relative 0.00001\)$/,
    ],
    ["NaN", floats(1), floats(Number.NaN), /expected 1, got NaN/],
    ["infinity for a number", floats(1), floats(Number.POSITIVE_INFINITY), /expected 1, got Infinity/],
    [
      "a label by one",
      labels(2n ** 60n),
      labels(2n ** 60n + 1n),
      /^output "y"\[0\]: expected 1152921504606846976, got 1152921504606846977$/,
    ],
    ["a string by case", words("Cat"), words("cat"), /expected "Cat", got "cat"/],
    ["a flag", flags(1, 0), flags(1, 1), /output "y"\[1\]: expected false, got true/],
    ["another shape", floats(1, 2), floats(1), /expected FP64 \[1,2\], got FP64 \[1,1\]/],
    ["another datatype", labels(1n), flags(1), /expected INT64 \[1\], got BOOL \[1\]/],
  ] as const) {
    it(`finds ${name}`, () => assert.match(compareTensors(recorded, got, tolerance) ?? "", message));
  }
});
