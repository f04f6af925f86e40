import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Tensor } from "@slipway/protocol";
import fc from "fast-check";
import { BlockReader, BlockWriter } from "./tensor-block.ts";

const tensor = fc.oneof(
  fc.uint8Array({ maxLength: 9 }).map((data): Tensor => ({ name: "t", datatype: "UINT8", shape: [data.length], data })),
  fc.float64Array({ maxLength: 5 }).map((data): Tensor => ({ name: "t", datatype: "FP64", shape: [1, data.length], data })),
  fc.bigInt64Array({ maxLength: 5 }).map((data): Tensor => ({ name: "t", datatype: "INT64", shape: [data.length, 1], data })),
  fc
    .array(fc.string({ unit: "grapheme" }), { maxLength: 5 })
    .map((data): Tensor => ({ name: "t", datatype: "BYTES", shape: [data.length], data })),
);

describe("a block", () => {
  it("gives back what was written, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double(), fc.string({ unit: "grapheme" }), tensor), { maxLength: 8 }), (items) => {
        const writer = new BlockWriter();
        for (const [number, text, { shape, data }] of items) {
          writer.number(number);
          writer.tensor(shape, data);
          writer.text(text);
        }
        const reader = new BlockReader(writer.finish());
        for (const [number, text, expected] of items) {
          assert.equal(reader.number(), number);
          assert.deepStrictEqual(reader.tensor(expected), expected);
          assert.equal(reader.text(), text);
        }
      }),
    );
  });

  it("takes a view of a larger buffer and sizes beyond 32 bits", () => {
    const writer = new BlockWriter();
    writer.tensor([0, 2 ** 40], new Float32Array(0));
    writer.tensor([2], new Float32Array([1, 2, 3, 4]).subarray(1, 3));
    const reader = new BlockReader(writer.finish());
    assert.deepEqual(reader.tensor({ name: "a", datatype: "FP32", shape: [] }).shape, [0, 2 ** 40]);
    assert.deepEqual(reader.tensor({ name: "b", datatype: "FP32", shape: [] }).data, new Float32Array([2, 3]));
  });
});
