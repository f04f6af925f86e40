import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlipwayError } from "@slipway/base";
import type { Datatype } from "./datatype.ts";
import { parseInferRequest } from "./parse-infer-request.ts";
import type { ModelSignature, TensorData } from "./tensor.ts";

const digits: ModelSignature = {
  inputs: [{ name: "image", datatype: "FP32", shape: [-1, 4] }],
  outputs: [
    { name: "label", datatype: "INT64", shape: [-1] },
    { name: "scores", datatype: "FP32", shape: [-1, 2] },
  ],
};

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

/** A request for `digits` with fields of its input replaced; a string is taken as JSON source. */
function request(input: Record<string, string> = {}, rest = ""): string {
  const fields = { name: '"image"', shape: "[1,4]", datatype: '"FP32"', data: "[1,2,3,4]", ...input };
  const text = Object.entries(fields).map(([key, source]) => `"${key}":${source}`);
  return `{"inputs":[{${text.join(",")}}]${rest}}`;
}

const manyParameters = JSON.stringify(Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`p${index}`, index])));

function refusal(text: string | Uint8Array, signature = digits): SlipwayError {
  try {
    parseInferRequest(typeof text === "string" ? bytes(text) : text, signature);
  } catch (error) {
    assert.ok(error instanceof SlipwayError, String(error));
    assert.equal(error.code, "badRequest");
    return error;
  }
  assert.fail("it was accepted");
}

function accepted(datatype: Datatype, shape: number[], data: string): TensorData {
  const signature: ModelSignature = { inputs: [{ name: "x", datatype, shape: shape.map(() => -1) }], outputs: [] };
  const text = `{"inputs":[{"name":"x","shape":[${shape}],"datatype":"${datatype}","data":${data}}]}`;
  return parseInferRequest(bytes(text), signature).inputs[0]!.data;
}

function refusedValue(datatype: Datatype, value: string): SlipwayError {
  const signature: ModelSignature = { inputs: [{ name: "x", datatype, shape: [-1] }], outputs: [] };
  return refusal(
    `{"inputs":[{"name":"x","shape":[2],"datatype":"${datatype}","data":[${datatype === "BOOL" ? true : datatype === "BYTES" ? '"a"' : 1},${value}]}]}`,
    signature,
  );
}

describe("parseInferRequest() accepts", () => {
  it("flat data", () => {
    const parsed = parseInferRequest(bytes(request({}, ',"id":"42"')), digits);
    assert.equal(parsed.id, "42");
    assert.equal(parsed.outputs, undefined);
    assert.deepEqual(parsed.inputs, [{ name: "image", datatype: "FP32", shape: [1, 4], data: new Float32Array([1, 2, 3, 4]) }]);
  });

  it("nested data", () => {
    const parsed = parseInferRequest(bytes(request({ shape: "[2,4]", data: "[[1,2,3,4],[5,6,7,8]]" })), digits);
    assert.deepEqual(parsed.inputs[0]!.data, new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]));
    assert.deepEqual(accepted("INT8", [2, 1, 2], "[[[1,2]],[[3,4]]]"), new Int8Array([1, 2, 3, 4]));
  });

  it("a scalar", () => assert.deepEqual(accepted("FP64", [], "[0.1]"), new Float64Array([0.1])));

  it("inputs in any order, and puts them into the model's", () => {
    const signature: ModelSignature = {
      inputs: [
        { name: "a", datatype: "INT8", shape: [1] },
        { name: "b", datatype: "BOOL", shape: [1] },
      ],
      outputs: [],
    };
    const text =
      '{"inputs":[{"name":"b","shape":[1],"datatype":"BOOL","data":[true]},{"name":"a","shape":[1],"datatype":"INT8","data":[1]}]}';
    assert.deepEqual(
      parseInferRequest(bytes(text), signature).inputs.map((tensor) => tensor.name),
      ["a", "b"],
    );
  });

  it("wanted outputs in the wanted order; none means all", () => {
    const some = ',"outputs":[{"name":"scores"},{"name":"label","parameters":{"binary_data":false}}]';
    assert.deepEqual(parseInferRequest(bytes(request({}, some)), digits).outputs, ["scores", "label"]);
    assert.equal(parseInferRequest(bytes(request({}, ',"outputs":[]')), digits).outputs, undefined);
  });

  it("parameters that say no to binary data", () => {
    parseInferRequest(
      bytes(request({ parameters: '{"binary_data":false}' }, ',"parameters":{"binary_data_output":false}')),
      digits,
    );
  });

  it("parameters of its own, and those that clients of other servers send", () => {
    const parameters = { timeout: 1000, priority: 0, content_type: "np", sequence_id: 0, my_own: "x", "a.b-c": true, n: 1.5 };
    const parsed = parseInferRequest(bytes(request({}, `,"parameters":${JSON.stringify(parameters)}`)), digits);
    assert.deepEqual(parsed.parameters, parameters);
  });

  it("text with colons in it, which is no second field", () => {
    assert.deepEqual(accepted("BYTES", [3], '["a:b","\\"c\\":","::"]'), ["a:b", '"c":', "::"]);
  });

  it("an empty tensor where the signature leaves the size free", () => {
    assert.deepEqual(
      parseInferRequest(bytes(request({ shape: "[0,4]", data: "[]" })), digits).inputs[0]!.data,
      new Float32Array(0),
    );
    assert.deepEqual(accepted("INT32", [2, 0], "[[],[]]"), new Int32Array(0));
  });

  for (const [datatype, data, expected] of [
    ["BOOL", "[true,false]", new Uint8Array([1, 0])],
    ["UINT8", "[0,255]", new Uint8Array([0, 255])],
    ["UINT16", "[0,65535]", new Uint16Array([0, 65535])],
    ["UINT32", "[0,4294967295]", new Uint32Array([0, 4294967295])],
    ["UINT64", "[0,18446744073709551615]", new BigUint64Array([0n, 18446744073709551615n])],
    ["INT8", "[-128,127]", new Int8Array([-128, 127])],
    ["INT16", "[-32768,32767]", new Int16Array([-32768, 32767])],
    ["INT32", "[-2147483648,2147483647]", new Int32Array([-2147483648, 2147483647])],
    ["INT64", "[-9223372036854775808,9223372036854775807]", new BigInt64Array([-9223372036854775808n, 9223372036854775807n])],
    ["INT64", "[9007199254740993,-3]", new BigInt64Array([9007199254740993n, -3n])],
    ["FP16", "[65504,-0.5]", new Float16Array([65504, -0.5])],
    ["FP32", "[3.4028234e38,-0]", new Float32Array([3.4028234663852886e38, -0])],
    ["FP64", "[1.7976931348623157e308,5e-324]", new Float64Array([Number.MAX_VALUE, Number.MIN_VALUE])],
    ["BYTES", '["","\\u00e9 😀\\ud83d\\ude00"]', ["", "é 😀😀"]],
  ] as const) {
    it(`the limits of ${datatype}: ${data}`, () => assert.deepEqual(accepted(datatype, [2], data), expected));
  }

  it("a float beside a 64-bit integer beyond 2^53", () => {
    const signature: ModelSignature = {
      inputs: [
        { name: "f", datatype: "FP64", shape: [2] },
        { name: "i", datatype: "INT64", shape: [1] },
      ],
      outputs: [],
    };
    const text =
      '{"inputs":[{"name":"f","shape":[2],"datatype":"FP64","data":[9007199254740993,0.5]},{"name":"i","shape":[1],"datatype":"INT64","data":[9007199254740993]}]}';
    const [f, i] = parseInferRequest(bytes(text), signature).inputs;
    assert.deepEqual(f!.data, new Float64Array([9007199254740992, 0.5]));
    assert.deepEqual(i!.data, new BigInt64Array([9007199254740993n]));
  });
});

describe("parseInferRequest() refuses", () => {
  for (const [row, text, pattern] of [
    ["B1 nothing", "", /not JSON/],
    ["B1 half a request", request().slice(0, 40), /not JSON/],
    ["B1 another JSON value", "[]", /must be a JSON object, not an array/],
    ["B1 null", "null", /must be a JSON object, not null/],
    ["B2 100,000 arrays", "[".repeat(100_000), /nested too deep/],
    ["B2 5,000,000 arrays", "[".repeat(5_000_000), /nested too deep/],
    ["B2 100,000 objects", '{"a":'.repeat(100_000), /nested too deep/],
    ["B2 deep data", request({ data: `${"[".repeat(70)}1${"]".repeat(70)}` }), /nested too deep/],
    ["B3 __proto__", `{"__proto__":{"polluted":1},${request().slice(1)}`, /unknown field "__proto__"/],
    ["B3 constructor", `{"constructor":{"prototype":{"polluted":1}},${request().slice(1)}`, /unknown field "constructor"/],
    ["B3 __proto__ in a tensor", request({ __proto__x: "1" }), /inputs\[0\] has an unknown field/],
    ["B3 a mistyped field", request().replace('"inputs"', '"input"'), /unknown field "input".*Did you mean "inputs"\?/],
    ["B5 NaN", request({ data: "[1,NaN,3,4]" }), /not JSON.*NaN and Infinity are not JSON/],
    ["B5 Infinity", request({ data: "[1,Infinity,3,4]" }), /not JSON/],
    ["B5 1e999", request({ data: "[1,1e999,3,4]" }), /data\[1\] must be a number that a 32-bit float can hold.*not Infinity/],
    ["B8 a negative size", request({ shape: "[-1,4]" }), /shape\[0\] must be a whole number from 0 up, not -1/],
    ["B8 a fraction", request({ shape: "[1.5,4]" }), /shape\[0\] must be .* not 1.5/],
    ["B8 a string", request({ shape: '["2",4]' }), /shape\[0\] must be .* not the string "2"/],
    ["B8 null", request({ shape: "[null,4]" }), /shape\[0\] must be .* not null/],
    ["B8 2^63", request({ shape: "[9223372036854775808,4]" }), /shape\[0\] must be/],
    ["B8 no array", request({ shape: "4" }), /"shape" must be an array of whole numbers, not 4/],
    ["B8 product over 2^64", request({ shape: "[9007199254740991,4]" }), /claims more values than a body/],
    ["B8 zero of a fixed size", request({ shape: "[1,0]", data: "[]" }), /shape must be \[-1,4\], got \[1,0\]/],
    ["B9 rank", request({ shape: "[4]" }), /input "image": shape must be \[-1,4\] \(2 dimensions, not 1\), got \[4\]/],
    ["B9 size", request({ shape: "[1,5]", data: "[1,2,3,4,5]" }), /shape must be \[-1,4\], got \[1,5\]/],
    ["B12 mixed", request({ shape: "[2,4]", data: "[[1,2,3,4],5,6,7,8]" }), /data must have 2 entries as the shape says, not 5/],
    [
      "B12 mixed late",
      request({ shape: "[2,4]", data: "[1,2,3,4,5,6,7,[8]]" }),
      /data\[7\] must be .* not an array.*flat or nested/,
    ],
    ["B12 mixed at a row", request({ shape: "[2,4]", data: "[[1,2,3,4],5]" }), /data\[1\] must be an array of 4, not 5/],
    [
      "B12 ragged",
      request({ shape: "[2,4]", data: "[[1,2,3,4],[5,6,7]]" }),
      /data\[1\] must have 4 entries as the shape says, not 3/,
    ],
    ["B12 too deep", request({ data: "[[[1],2,3,4]]" }), /data\[0\]\[0\] must be .* not an array of 1/],
    ["B14 unknown output", request({}, ',"outputs":[{"name":"score"}]'), /no output "score".*Did you mean "scores"/],
    ["B14 output twice", request({}, ',"outputs":[{"name":"label"},{"name":"label"}]'), /Output "label" is requested twice/],
    ["B14 outputs no array", request({}, ',"outputs":{}'), /"outputs" must be an array, not an object/],
    ["B14 output without a name", request({}, ',"outputs":[{}]'), /outputs\[0\]: "name" must be a string, not nothing/],
    ["B17 a huge claim", request({ shape: "[1000000000,4]" }), /claims more values than a body of \d+ bytes can hold/],
    ["B17 fewer values than claimed", request({ shape: "[2,4]" }), /shape \[2,4\] needs 8 values, "data" has 4/],
    ["B17 nested claim", request({ shape: "[2,4]", data: "[[1,2,3,4]]" }), /data must have 2 entries as the shape says, not 1/],
    ["B17 more values than claimed", request({ data: "[1,2,3,4,5]" }), /shape \[1,4\] needs 4 values, "data" has 5/],
    ["B23 a function's name", request({}, ',"parameters":{"__import__":"os"}'), /"__import__": the name is reserved/],
    ["B23 a prototype's name", request({}, ',"parameters":{"toString":"x"}'), /"toString": the name is reserved/],
    ["B23 a reserved prefix", request({}, ',"parameters":{"triton_x":1}'), /"triton_x": the name is reserved/],
    ["B23 deep parameter", request({ parameters: '{"a":{"b":{"c":1}}}' }), /input "image".parameters has "a".*not an object/],
    ["B23 mistyped parameter", request({}, ',"parameters":{"time_out":1}'), /"time_out".*Did you mean "timeout"/],
    ["B23 65 parameters", request({}, `,"parameters":${manyParameters}`), /more than 64 names/],
    [
      "B23 another's parameter",
      request({ parameters: '{"binary_data_output":true}' }),
      /a parameter of the request, not of an input/,
    ],
    [
      "a binary flag that is a text",
      request({}, ',"parameters":{"binary_data_output":"yes"}'),
      /must be true or false, not the string "yes"/,
    ],
    [
      "a timeout of half a microsecond",
      request({}, ',"parameters":{"timeout":0.5}'),
      /timeout must be a whole number of microseconds/,
    ],
    ["a negative priority", request({}, ',"parameters":{"priority":-1}'), /priority must be a whole number/],
    ["a pandas tensor", request({ parameters: '{"content_type":"pd"}' }), /content_type must be "np" or "str"/],
    ["a field twice", request({}, ',"id":"a","id":"b"'), /has the field "id" twice/],
    ["a field twice, written differently", request({}, ',"id":"a","\\u0069d" : "b"'), /has the field "id" twice/],
    ["data twice", request({ shape: '[1,4],"data":[9,9,9,9]' }), /has the field "data" twice/],
    ["a parameter twice", request({}, ',"parameters":{"x":":","x":1}'), /has the field "x" twice/],
    [
      "classification",
      request({}, ',"outputs":[{"name":"label","parameters":{"classification":3}}]'),
      /classification is not supported/,
    ],
    ["a sequence", request({}, ',"parameters":{"sequence_id":7,"sequence_start":true}'), /sequences are not supported/],
    ["shared memory", request({ parameters: '{"shared_memory_region":"r"}' }), /shared memory is not supported/],
    [
      "B15 binary input without header",
      request({ parameters: '{"binary_data_size":16}' }).replace(',"data":[1,2,3,4]', ""),
      /the body is JSON to its end.*Inference-Header-Content-Length/,
    ],
    ["B23 parameters no object", request({ parameters: "[]" }), /parameters must be a JSON object, not an array/],
    ["id no string", request({}, ',"id":7'), /"id" must be a string, not 7/],
    ["model_name no string", request({}, ',"model_name":{}'), /"model_name" must be a string, not an object/],
    ["unknown input", request({ name: '"imgae"' }), /no input "imgae".*Did you mean "image"\?.*"image" FP32 \[-1,4\]/],
    ["missing input", '{"inputs":[]}', /Input "image" FP32 \[-1,4\] is missing/],
    ["no inputs", "{}", /"inputs" must be an array of tensors, not nothing/],
    ["too many inputs", `{"inputs":[${"{},".repeat(5)}{}]}`, /"inputs" has 6 tensors, the model has 1/],
    ["input no object", '{"inputs":[5]}', /inputs\[0\] must be a JSON object, not 5/],
    ["name no string", request({ name: "5" }), /inputs\[0\]: "name" must be a string, not 5/],
    ["wrong datatype", request({ datatype: '"FP64"' }), /input "image": datatype must be FP32, not the string "FP64"/],
    ["no data", request({ data: "null" }), /input "image": "data" must be an array, not null/],
  ] as const) {
    it(row, () => {
      const error = refusal(text);
      assert.match(`${error.message} ${error.hint ?? ""}`, pattern);
      assert.ok(error.message.length < 600);
      assert.equal(({} as Record<string, unknown>).polluted, undefined);
    });
  }

  it("an input twice", () => {
    const signature: ModelSignature = {
      inputs: [
        { name: "a", datatype: "INT8", shape: [1] },
        { name: "b", datatype: "INT8", shape: [1] },
      ],
      outputs: [],
    };
    const one = '{"name":"a","shape":[1],"datatype":"INT8","data":[1]}';
    assert.match(refusal(`{"inputs":[${one},${one}]}`, signature).message, /input "a" is there twice/);
  });

  it("B3 a million unknown keys, quickly", () => {
    const keys = Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":1`).join(",");
    assert.match(refusal(`{${keys}}`).message, /unknown field "k0"/);
  });

  it("bytes that are not UTF-8", () => {
    const text = Buffer.from(request({}, ',"id":"x"'));
    text[text.lastIndexOf("x")] = 0xff;
    assert.match(refusal(text).message, /not UTF-8/);
  });

  for (const [datatype, value] of [
    ["UINT8", "300"],
    ["UINT8", "-1"],
    ["UINT8", '"1"'],
    ["UINT8", "true"],
    ["UINT8", "null"],
    ["UINT8", '{"valueOf":1,"toString":1}'],
    ["UINT8", "99999999999999999999"],
    ["INT32", "1.5"],
    ["INT32", "2147483648"],
    ["INT32", "1e10"],
    ["INT64", "9223372036854775808"],
    ["INT64", "-9223372036854775809"],
    ["INT64", "1.5"],
    ["INT64", "1e19"],
    ["INT64", "1e400"],
    ["INT64", '"7"'],
    ["INT64", `1${"0".repeat(5000)}`],
    ["UINT64", "18446744073709551616"],
    ["UINT64", "-1"],
    ["FP16", "65520"],
    ["FP32", "1e39"],
    ["FP32", "null"],
    ["FP32", '"1"'],
    ["FP32", "true"],
    ["FP64", "1e309"],
    ["BOOL", "1"],
    ["BOOL", '"true"'],
    ["BOOL", "null"],
    ["BYTES", "1"],
    ["BYTES", "null"],
    ["BYTES", '"\\ud800"'],
    ["BYTES", '["a"]'],
  ] as const) {
    it(`B11 ${value.slice(0, 40)} in ${datatype}`, () => {
      const error = refusedValue(datatype, value);
      assert.match(error.message, /^input "x": data\[1\] must be /);
    });
  }

  it("B11 an INT32 beyond 2^53 beside an INT64 beyond 2^53", () => {
    const signature: ModelSignature = {
      inputs: [
        { name: "l", datatype: "INT64", shape: [1] },
        { name: "i", datatype: "INT32", shape: [1] },
      ],
      outputs: [],
    };
    const big = "9007199254740993";
    const text = `{"inputs":[{"name":"l","shape":[1],"datatype":"INT64","data":[${big}]},{"name":"i","shape":[1],"datatype":"INT32","data":[${big}]}]}`;
    assert.match(refusal(text, signature).message, /^input "i": data\[0\] must be .* not 9007199254740993/);
  });

  it("names the place in nested data", () => {
    assert.match(
      refusal(request({ shape: "[2,4]", data: '[[1,2,3,4],[5,6,"7",8]]' })).message,
      /data\[1\]\[2\] must be .* not the string "7"/,
    );
  });
});
