import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import fc from "fast-check";
import protobuf from "protobufjs";
import { modelInferRequest, modelMetadataRequest, type TensorContents } from "../messages/inference-messages.ts";
import { joined, type NumberArray, type NumberList, writable } from "./number-list.ts";

const { Writer } = protobuf;
const [varint, fixed64, bytes, fixed32] = [0, 1, 2, 5];
const tag = (number: number, wire: number) => (number << 3) | wire;

/** A request with one input that has these contents. */
function withContents(contents: Uint8Array): Buffer {
  const writer = Writer.create().uint32(tag(5, bytes)).fork().uint32(tag(5, bytes)).bytes(contents).ldelim();
  return Buffer.from(writer.finish());
}

function contentsOf(message: Buffer): TensorContents {
  return modelInferRequest.decode(message).inputs[0]!.contents!;
}

test("every list of numbers comes back as it was", () => {
  const arrays = fc.record({
    boolContents: fc.uint8Array({ max: 1 }),
    intContents: fc.int32Array(),
    int64Contents: fc.bigInt64Array(),
    uintContents: fc.uint32Array(),
    uint64Contents: fc.bigUint64Array(),
    fp32Contents: fc.float32Array(),
    fp64Contents: fc.float64Array(),
  });
  fc.assert(
    fc.property(arrays, fc.array(fc.uint8Array()), (given, bytesContents) => {
      const contents = Object.fromEntries(Object.entries(given).map(([name, array]) => [name, writable(array)]));
      const input = { name: "x", contents: { ...contents, bytesContents } };
      const read = contentsOf(modelInferRequest.encode({ inputs: [input as never] }));
      for (const [name, array] of Object.entries(given)) {
        const Type = array.constructor as new (length: number) => NumberArray;
        assert.deepEqual(joined(read[name as keyof TensorContents] as NumberList, Type), array, name);
      }
      assert.deepEqual(
        read.bytesContents.map((element) => new Uint8Array(element)),
        bytesContents,
      );
    }),
    { numRuns: 200 },
  );
});

test("repeated numbers may come packed, one by one, or both", () => {
  const floats = Writer.create().uint32(tag(6, fixed32)).float(1.5).uint32(tag(6, bytes)).floats([2, 3]);
  const more = floats.uint32(tag(6, fixed32)).float(4).uint32(tag(3, varint)).int64(-1).uint32(tag(3, bytes)).int64s([2, 3]);
  const contents = contentsOf(withContents(more.uint32(tag(1, varint)).bool(true).finish()));
  assert.deepEqual(joined(contents.fp32Contents, Float32Array), Float32Array.of(1.5, 2, 3, 4));
  assert.deepEqual(joined(contents.int64Contents, BigInt64Array), BigInt64Array.of(-1n, 2n, 3n));
  assert.deepEqual(joined(contents.boolContents, Uint8Array), Uint8Array.of(1));
});

test("unknown fields are passed over", () => {
  const unknown = Writer.create()
    .uint32(tag(90, bytes))
    .string("later")
    .uint32(tag(91, varint))
    .uint32(1)
    .uint32(tag(92, fixed32))
    .float(1)
    .uint32(tag(93, fixed64))
    .double(1)
    .finish();
  assert.equal(modelMetadataRequest.decode(Buffer.concat([unknown, modelMetadataRequest.encode({ name: "m" })])).name, "m");
});

test("malformed bytes are refused, whatever they are", () => {
  const cases: [what: string, bytes: number[]][] = [
    ["a group that does not end", [0x0b]],
    ["field number 0", [0x02, 0x00]],
    ["a length past the end", [0x0a, 0x05, 0x41]],
    ["a varint without end", [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["a text that is not UTF-8", [0x0a, 0x01, 0xff]],
    ["half a packed float", [...withContents(Uint8Array.of(tag(6, bytes), 2, 0, 0))]],
    ["a packed number that is cut", [...withContents(Uint8Array.of(tag(3, bytes), 1, 0x80))]],
    ["packed numbers past the end", [...withContents(Uint8Array.of(tag(2, bytes), 9, 1))]],
    ["unknown groups without an end, one in the other", new Array<number>(10_000).fill(0xdb)],
  ];
  for (const [what, wrong] of cases)
    assert.throws(() => modelInferRequest.decode(Buffer.from(wrong)), { code: "badRequest" }, what);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
      try {
        modelInferRequest.decode(Buffer.from(random));
      } catch (error) {
        assert.ok(error instanceof SlipwayError && error.code === "badRequest", String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a message of very many small things costs no memory beyond its bound", () => {
  const cases: [what: string, message: Buffer][] = [
    ["inputs", Buffer.alloc(300_000, Uint8Array.of(tag(5, bytes), 0))],
    ["lists", withContents(Buffer.alloc(600_000, Uint8Array.of(tag(2, bytes), 1, 7)))],
    ["numbers of 64 bits", withContents(Buffer.alloc(300_000, Uint8Array.of(tag(3, varint), 7)))],
    ["elements of bytes", withContents(Buffer.alloc(2_200_000, Uint8Array.of(tag(8, bytes), 0)))],
  ];
  for (const [what, message] of cases) assert.throws(() => modelInferRequest.decode(message), /has more than \d+/, what);
  // Packed numbers are one array, not an object each.
  const many = contentsOf(withContents(Writer.create().uint32(tag(3, bytes)).bytes(Buffer.alloc(1_000_000, 7)).finish()));
  assert.equal(many.int64Contents.length, 1);
  assert.equal(joined(many.int64Contents, BigInt64Array).length, 1_000_000);
});
