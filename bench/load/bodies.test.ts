import assert from "node:assert/strict";
import { test } from "node:test";
import { inputOf, nested, postOf } from "./bodies.ts";

const input = inputOf([2, 3]);

test("binary: the bytes after the JSON head are the values, and its length is in the header", () => {
  const { body, headers } = postOf(input, "oip", "binary");
  const length = Number(headers["inference-header-content-length"]);
  const head = JSON.parse(body.subarray(0, length).toString());
  assert.equal(head.inputs[0].parameters.binary_data_size, 24);
  assert.deepEqual(new Float32Array(Uint8Array.from(body.subarray(length)).buffer), input.values);
});

test("JSON: the same values, flat in the protocol, nested where a server has its own form", () => {
  const values = Array.from(input.values);
  assert.deepEqual(JSON.parse(postOf(input, "oip", "json").body.toString()).inputs[0].data, values);
  assert.deepEqual(JSON.parse(postOf(input, "rows", "json").body.toString()), {
    input: [values.slice(0, 3), values.slice(3)],
  });
});

test("nested rows of three axes", () => {
  assert.deepEqual(nested([1, 2, 3, 4], [1, 2, 2]), [
    [
      [1, 2],
      [3, 4],
    ],
  ]);
});
