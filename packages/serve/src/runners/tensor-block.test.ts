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

/** The block in memory that other threads can read, with something before it. */
function finish(writer: BlockWriter): BlockReader {
  const own = new SharedArrayBuffer(writer.length);
  writer.writeTo(own);
  const memory = new ArrayBuffer(8 + own.byteLength);
  new Uint8Array(memory, 8).set(new Uint8Array(own));
  return new BlockReader(memory, 8);
}

describe("a block", () => {
  it("gives back what was written, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double(), fc.string({ unit: "grapheme" }), tensor), { maxLength: 8 }), (items) => {
        const writer = new BlockWriter();
        for (const [number, text, spec] of items) {
          const { shape, data } = spec;
          writer.number(number);
          writer.tensor(spec, shape, [data]);
          writer.text(text);
        }
        const reader = finish(writer);
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
    const spec = { name: "a", datatype: "FP32", shape: [] } as const;
    writer.tensor(spec, [0, 2 ** 40], [new Float32Array(0)]);
    writer.tensor(spec, [2], [new Float32Array([1, 2, 3, 4]).subarray(1, 3)]);
    const reader = finish(writer);
    assert.deepEqual(reader.tensor(spec).shape, [0, 2 ** 40]);
    assert.deepEqual(reader.tensor(spec).data, new Float32Array([2, 3]));
  });

  it("joins the data of several requests, and begins anew", () => {
    const writer = new BlockWriter();
    const [numbers, texts] = [
      { name: "a", datatype: "UINT8", shape: [] },
      { name: "b", datatype: "BYTES", shape: [] },
    ] as const;
    writer.tensor(numbers, [9], [new Uint8Array(9)]);
    writer.begin();
    writer.tensor(numbers, [3], [Uint8Array.of(1), Uint8Array.of(2, 3)]);
    writer.tensor(texts, [3], [["é"], ["", "z"]]);
    const reader = finish(writer);
    assert.deepEqual(reader.tensor(numbers).data, Uint8Array.of(1, 2, 3));
    assert.deepEqual(reader.tensor(texts).data, ["é", "", "z"]);
  });
});
