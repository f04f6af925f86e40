import assert from "node:assert/strict";
import { it } from "node:test";
import { zeroRequest } from "./zero-request.ts";

it("zeroRequest() fills every input, free sizes with 1", () => {
  const signature = {
    inputs: [
      { name: "image", datatype: "FP32", shape: [-1, 2] },
      { name: "words", datatype: "BYTES", shape: [-1] },
      { name: "flag", datatype: "BOOL", shape: [] },
    ],
    outputs: [],
  } as const;
  assert.deepEqual(zeroRequest(signature).inputs, [
    { name: "image", datatype: "FP32", shape: [1, 2], data: new Float32Array(2) },
    { name: "words", datatype: "BYTES", shape: [1], data: [""] },
    { name: "flag", datatype: "BOOL", shape: [], data: new Uint8Array(1) },
  ]);
});
