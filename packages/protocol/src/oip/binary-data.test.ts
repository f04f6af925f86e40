import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlipwayError } from "@slipway/base";
import fc from "fast-check";
import { readBinaryHeader } from "./binary-header.ts";
import { type Datatype, datatypes, isDatatype } from "./datatype.ts";
import type { InferRequest } from "./infer-messages.ts";
import { parseInferRequest } from "./parse-infer-request.ts";
import { renderBinaryResponse } from "./render-infer-response.ts";
import type { ModelSignature, Tensor, TensorData } from "./tensor.ts";

const noLimit = Number.MAX_SAFE_INTEGER;
const two: ModelSignature = {
  inputs: [
    { name: "x", datatype: "FP32", shape: [-1] },
    { name: "y", datatype: "INT64", shape: [-1] },
  ],
  outputs: [
    { name: "a", datatype: "FP32", shape: [-1] },
    { name: "b", datatype: "INT64", shape: [-1] },
  ],
};

/** The binary data of two floats and one long. */
const xBytes = Buffer.from(new Float32Array([1.5, -2]).buffer);
const yBytes = Buffer.from(new BigInt64Array([9007199254740993n]).buffer);

interface Input {
  readonly shape?: unknown;
  readonly size?: unknown;
  readonly data?: unknown;
}

function input(name: string, datatype: string, { shape, size, data }: Input) {
  return { name, datatype, shape, ...(size === undefined ? {} : { parameters: { binary_data_size: size } }), data };
}

function body(x: Input, y: Input, tail: readonly Uint8Array[], rest = {}): { bytes: Buffer; jsonBytes: number } {
  const inputs = [input("x", "FP32", { shape: [2], ...x }), input("y", "INT64", { shape: [1], ...y })];
  const json = Buffer.from(JSON.stringify({ inputs, ...rest }));
  return { bytes: Buffer.concat([json, ...tail]), jsonBytes: json.length };
}

function parse(x: Input, y: Input, tail: readonly Uint8Array[], rest = {}): InferRequest {
  const { bytes, jsonBytes } = body(x, y, tail, rest);
  return parseInferRequest(bytes, two, jsonBytes);
}

function values(datatype: Datatype): fc.Arbitrary<TensorData> {
  const size = { maxLength: 50 };
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constant("a\0b"), fc.uint8Array(size));
  const array: Record<Datatype, fc.Arbitrary<TensorData>> = {
    BOOL: fc.array(fc.boolean(), size).map((list) => Uint8Array.from(list, Number)),
    UINT8: fc.uint8Array(size),
    UINT16: fc.uint16Array(size),
    UINT32: fc.uint32Array(size),
    UINT64: fc.bigUint64Array(size),
    INT8: fc.int8Array(size),
    INT16: fc.int16Array(size),
    INT32: fc.int32Array(size),
    INT64: fc.bigInt64Array(size),
    FP16: fc.uint16Array(size).map((bits) => new Float16Array(bits.buffer)),
    BF16: fc.uint16Array(size),
    FP32: fc.float32Array(size),
    FP64: fc.float64Array(size),
    BYTES: fc.array(text, size),
  };
  return array[datatype];
}

/** The bits of a tensor, so that NaN is told from NaN. */
function bits(data: TensorData): readonly string[] | string {
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex");
  return (data as readonly (string | Uint8Array)[]).map((element) => Buffer.from(element as string).toString("hex"));
}

describe("binary data", () => {
  for (const datatype of Object.keys(datatypes).filter(isDatatype)) {
    it(`${datatype} comes back as it went, bit by bit, NaN and infinity too`, () => {
      fc.assert(
        fc.property(values(datatype), (data) => {
          const output: Tensor = { name: "x", datatype, shape: [data.length], data };
          const rendered = renderBinaryResponse({ modelName: "m", outputs: [output] }, ["x"], noLimit);
          const whole = Buffer.concat(Array.isArray(rendered.body) ? rendered.body : [rendered.body as Uint8Array]);
          const { outputs } = JSON.parse(whole.toString("utf8", 0, rendered.jsonBytes)) as { outputs: unknown };
          const json = Buffer.from(JSON.stringify({ inputs: outputs }));
          const request = Buffer.concat([json, whole.subarray(rendered.jsonBytes)]);
          const signature = { inputs: [{ name: "x", datatype, shape: [-1] }], outputs: [] };
          const parsed = parseInferRequest(request, signature, json.length).inputs[0]!;
          assert.deepEqual(bits(parsed.data), bits(data));
          assert.equal(parsed.data.constructor, data.constructor);
        }),
      );
    });
  }

  it("stands beside JSON, in the order of the inputs of the request", () => {
    const mixed = parse({ size: 8 }, { data: [1] }, [xBytes]);
    assert.deepEqual(
      mixed.inputs.map((tensor) => tensor.data),
      [new Float32Array([1.5, -2]), new BigInt64Array([1n])],
    );
    const swapped = Buffer.from(
      '{"inputs":[{"name":"y","datatype":"INT64","shape":[1],"parameters":{"binary_data_size":8}},{"name":"x","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}}]}',
    );
    const both = parseInferRequest(Buffer.concat([swapped, yBytes, xBytes]), two, swapped.length);
    assert.deepEqual(
      both.inputs.map((tensor) => tensor.data),
      [new Float32Array([1.5, -2]), new BigInt64Array([9007199254740993n])],
    );
  });

  it("is a view of the body where memory allows it, and a copy elsewhere", () => {
    const { bytes, jsonBytes } = body({ size: 8 }, { data: [1] }, [xBytes]);
    for (let shift = 0; shift < 8; shift += 1) {
      const memory = new Uint8Array(shift + bytes.length);
      memory.set(bytes, shift);
      const [x] = parseInferRequest(memory.subarray(shift), two, jsonBytes).inputs;
      assert.deepEqual(x!.data, new Float32Array([1.5, -2]));
      const aligned = (shift + jsonBytes) % 4 === 0;
      assert.equal((x!.data as Float32Array).buffer === memory.buffer, aligned);
    }
  });

  it("goes out for the outputs that asked for it: all, some, or all but some", () => {
    const json = { data: [1, 2] };
    const long = { data: [1] };
    const wanted = (rest: object) => parse(json, long, [], rest).binaryOutputs;
    const off = { name: "a", parameters: { binary_data: false } };
    const on = { name: "b", parameters: { binary_data: true } };
    assert.equal(wanted({}), undefined);
    assert.deepEqual(wanted({ parameters: { binary_data_output: true } }), ["a", "b"]);
    assert.deepEqual(wanted({ parameters: { binary_data_output: true }, outputs: [off, { name: "b" }] }), ["b"]);
    assert.deepEqual(wanted({ outputs: [on, { name: "a" }] }), ["b"]);
    assert.equal(wanted({ parameters: { binary_data_output: true }, outputs: [off] }), undefined);
  });

  it("comes after the JSON of an answer, without a copy when it is large", () => {
    const large = new Float32Array(100_000).fill(1);
    const outputs: Tensor[] = [
      { name: "a", datatype: "FP32", shape: [100_000], data: large },
      { name: "b", datatype: "INT64", shape: [1], data: new BigInt64Array([7n]) },
    ];
    const { body: pieces, jsonBytes } = renderBinaryResponse({ modelName: "m", id: "1", outputs }, ["a"], noLimit);
    assert.ok(Array.isArray(pieces));
    assert.equal(pieces[1].buffer, large.buffer);
    assert.equal(pieces[0].length, jsonBytes);
    assert.equal(
      Buffer.from(pieces[0]).toString(),
      '{"model_name":"m","id":"1","outputs":[{"name":"a","shape":[100000],"datatype":"FP32","parameters":{"binary_data_size":400000}},{"name":"b","shape":[1],"datatype":"INT64","data":[7]}]}',
    );
    assert.throws(() => renderBinaryResponse({ modelName: "m", outputs }, ["a"], 399_999), /larger than the limit/);
  });

  for (const [name, x, y, tail, message] of [
    ["a size above the body", { size: 9 }, { data: [1] }, [xBytes], /binary_data_size is 9, but 8 bytes are left/],
    ["sizes that overlap", { size: 8 }, { size: 8 }, [xBytes], /input "y": binary_data_size is 8, but 0 bytes are left of the 8/],
    ["a rest", { size: 8 }, { data: [1] }, [xBytes, Buffer.alloc(3)], /3 bytes of the request body belong to no input/],
    ["a rest with JSON only", { data: [1, 2] }, { data: [1] }, [xBytes], /8 bytes of the request body belong to no input/],
    ["a size that is not the shape's", { size: 4 }, { data: [1] }, [xBytes], /FP32 \[2\] needs 8 bytes of binary data, not 4/],
    ["a negative size", { size: -8 }, { data: [1] }, [xBytes], /must be a whole number from 0 up, not -8/],
    ["a size of 2^63", { size: 2 ** 63 }, { data: [1] }, [xBytes], /must be a whole number from 0 up/],
    ["half a byte", { size: 7.5 }, { data: [1] }, [xBytes], /must be a whole number from 0 up, not 7.5/],
    ["a size as text", { size: "8" }, { data: [1] }, [xBytes], /must be a whole number from 0 up, not the string "8"/],
    ["a size of null", { size: null }, { data: [1] }, [xBytes], /must be a whole number from 0 up, not null/],
    ["both", { size: 8, data: [1, 2] }, { data: [1] }, [xBytes], /has both "data" and binary data/],
    ["B17 a huge claim", { size: 8, shape: [1e9] }, { data: [1] }, [xBytes], /needs 4000000000 bytes of binary data, not 8/],
    ["B8 a product above 2^53", { size: 8, shape: [2 ** 53 - 1] }, { data: [1] }, [xBytes], /needs \d+ bytes of binary data/],
  ] as const) {
    it(`B15 refuses ${name}`, () => {
      assert.throws(
        () => parse(x, y, tail),
        (error) => error instanceof SlipwayError && error.code === "badRequest" && message.test(error.message),
      );
    });
  }

  it("refuses BOOL bytes that are neither 0 nor 1", () => {
    const signature: ModelSignature = { inputs: [{ name: "x", datatype: "BOOL", shape: [2, 2] }], outputs: [] };
    const json = Buffer.from('{"inputs":[{"name":"x","datatype":"BOOL","shape":[2,2],"parameters":{"binary_data_size":4}}]}');
    assert.throws(() => parseInferRequest(Buffer.concat([json, Buffer.from([0, 1, 2, 1])]), signature, json.length), {
      message: 'input "x": data[1][0] must be a byte 0 or 1 for BOOL, not 2.',
    });
  });

  for (const [name, data, message] of [
    ["end in a length", [4, 0, 0, 0, 65, 66, 67, 68, 1, 0], /they end before element 1 of 2/],
    ["end in an element", [1, 0, 0, 0, 65, 9, 0, 0, 0, 66], /element 1 is said to have 9 bytes, and 1 are left/],
    ["claim 4 GiB", [255, 255, 255, 255, 65, 0, 0, 0], /element 0 is said to have 4294967295 bytes, and 4 are left/],
    ["leave a rest", [0, 0, 0, 0, 0, 0, 0, 0, 1], /1 bytes are left after the last of 2/],
    ["are too few for the shape", [0, 0, 0, 0], /4 bytes cannot hold 2 elements/],
  ] as const) {
    it(`B15 refuses BYTES that ${name}`, () => {
      const signature: ModelSignature = { inputs: [{ name: "x", datatype: "BYTES", shape: [-1] }], outputs: [] };
      const json = Buffer.from(JSON.stringify({ inputs: [input("x", "BYTES", { shape: [2], size: data.length })] }));
      assert.throws(() => parseInferRequest(Buffer.concat([json, Buffer.from(data)]), signature, json.length), { message });
    });
  }

  for (const [value, message] of [
    ["0", /is 0: the body must begin with JSON/],
    ["-1", /must be a whole number, once, not "-1"/],
    ["+5", /must be a whole number/],
    ["0x10", /must be a whole number/],
    ["1e1", /must be a whole number/],
    ["", /must be a whole number/],
    ["5, 5", /must be a whole number, once, not "5, 5"/],
    [["5", "5"], /must be a whole number, once/],
    ["11", /is 11, but the body has 10 bytes/],
    ["99999999999999999999", /must be a whole number/],
  ] as const) {
    it(`B15 refuses the header ${JSON.stringify(value)}`, () => {
      assert.throws(() => readBinaryHeader(value, 10), { code: "badRequest", message });
    });
  }

  it("B15 takes a header of any part of the body", () => {
    for (const value of [1, 9, 10]) assert.equal(readBinaryHeader(String(value), 10), value);
  });
});
