import assert from "node:assert/strict";
import { test } from "node:test";
import { samplesSignature } from "./samples-signature.ts";

const tensor = (name: string, shape: readonly number[], datatype = "FP32") => ({ name, datatype, shape, data: [] });
const sample = (x: readonly number[], y: readonly number[]) => ({
  request: { inputs: [tensor("x", x)] },
  response: { outputs: [tensor("y", y, "INT64")] },
});

test("the first axis is free, and every other that differs", () => {
  assert.deepEqual(samplesSignature([sample([1, 4, 5], [1])]), {
    inputs: [{ name: "x", datatype: "FP32", shape: [-1, 4, 5] }],
    outputs: [{ name: "y", datatype: "INT64", shape: [-1] }],
  });
  assert.deepEqual(samplesSignature([sample([1, 4, 5], [1]), sample([2, 4, 6], [2])])?.inputs[0]?.shape, [-1, 4, -1]);
});

test("samples that do not show both sides in one form show nothing", () => {
  assert.equal(samplesSignature([]), undefined);
  assert.equal(samplesSignature([{ request: { inputs: [tensor("x", [1])] } }]), undefined);
  assert.equal(samplesSignature([sample([1, 4], [1]), sample([1, 4, 5], [1])]), undefined);
  assert.equal(
    samplesSignature([{ request: { inputs: [tensor("x", [1], "FP8")] }, response: { outputs: [tensor("y", [1])] } }]),
    undefined,
  );
  assert.equal(samplesSignature([undefined, null, 3, { request: [] }]), undefined);
});
