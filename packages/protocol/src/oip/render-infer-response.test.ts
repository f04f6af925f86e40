import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlipwayError } from "@slipway/base";
import fc from "fast-check";
import { type Datatype, datatypes, isDatatype } from "./datatype.ts";
import { parseInferRequest } from "./parse-infer-request.ts";
import { renderInferResponse } from "./render-infer-response.ts";
import type { Tensor, TensorData } from "./tensor.ts";

const noLimit = Number.MAX_SAFE_INTEGER;

function render(outputs: Tensor[], limit = noLimit): string {
  return renderInferResponse({ modelName: "m", modelVersion: "m-1", id: 'a"b', outputs }, limit).toString();
}

function tensor(datatype: Datatype, data: TensorData): Tensor {
  return { name: "y", datatype, shape: [data.length], data };
}

type JsonDatatype = Exclude<Datatype, "BF16">;

function isJsonDatatype(name: string): name is JsonDatatype {
  return isDatatype(name) && name !== "BF16";
}

/** Values of every datatype that JSON can carry, those at the edges often. */
function values(datatype: JsonDatatype): fc.Arbitrary<TensorData> {
  const size = { maxLength: 50 };
  const array: Record<JsonDatatype, fc.Arbitrary<TensorData>> = {
    BOOL: fc.array(fc.boolean(), size).map((list) => Uint8Array.from(list, Number)),
    UINT8: fc.uint8Array(size),
    UINT16: fc.uint16Array(size),
    UINT32: fc.uint32Array(size),
    UINT64: fc.bigUint64Array(size),
    INT8: fc.int8Array(size),
    INT16: fc.int16Array(size),
    INT32: fc.int32Array(size),
    INT64: fc.bigInt64Array(size),
    FP16: fc.array(fc.float({ min: -65504, max: 65504, noNaN: true }), size).map((list) => Float16Array.from(list)),
    FP32: fc.float32Array({ ...size, noNaN: true, noDefaultInfinity: true }),
    FP64: fc.float64Array({ ...size, noNaN: true, noDefaultInfinity: true }),
    BYTES: fc.array(fc.string({ unit: "binary" }), size),
  };
  return array[datatype];
}

describe("renderInferResponse()", () => {
  it("writes the answer as OIP has it", () => {
    const outputs: Tensor[] = [
      { name: "label", datatype: "INT64", shape: [1], data: new BigInt64Array([9007199254740993n]) },
      { name: "ok", datatype: "BOOL", shape: [1, 2], data: new Uint8Array([1, 0]) },
    ];
    assert.equal(
      render(outputs),
      '{"model_name":"m","model_version":"m-1","id":"a\\"b","outputs":[{"name":"label","shape":[1],"datatype":"INT64","data":[9007199254740993]},' +
        '{"name":"ok","shape":[1,2],"datatype":"BOOL","data":[true,false]}]}',
    );
  });

  for (const datatype of Object.keys(datatypes).filter(isJsonDatatype)) {
    it(`${datatype} comes back as it went, bit by bit`, () => {
      fc.assert(
        fc.property(values(datatype), (data) => {
          const text = render([tensor(datatype, data)]);
          const request = `{"inputs":${text.slice(text.indexOf('[{"name"'))}`;
          const signature = { inputs: [{ name: "y", datatype, shape: [-1] }], outputs: [] };
          assert.deepStrictEqual(parseInferRequest(Buffer.from(request), signature).inputs[0]!.data, data);
        }),
      );
    });
  }

  it("writes long tensors whole", () => {
    const data = Float64Array.from({ length: 100_000 }, (_, index) => index / 3);
    const parsed = JSON.parse(render([tensor("FP64", data)])) as { outputs: { data: number[] }[] };
    assert.deepEqual(parsed.outputs[0]!.data, [...data]);
  });

  for (const [value, name] of [
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ] as const) {
    it(`B24 refuses ${name} and says where`, () => {
      const output: Tensor = { name: "y", datatype: "FP32", shape: [2, 2], data: new Float32Array([0, 1, value, 3]) };
      assert.throws(() => render([output]), {
        code: "internal",
        message: `The model output "y"[1][0] is ${name}, which JSON cannot carry.`,
      });
    });
  }

  it("B24 stops at the limit, exactly", () => {
    const output = [tensor("INT32", new Int32Array(1000))];
    const { length } = render(output);
    assert.equal(render(output, length).length, length);
    assert.throws(
      () => render(output, length - 1),
      (error) =>
        error instanceof SlipwayError && error.code === "internal" && error.message.startsWith("The model output is larger than"),
    );
  });
});
