import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseInferSample } from "./parse-infer-sample.ts";
import type { ModelSignature } from "./tensor.ts";

const signature: ModelSignature = {
  inputs: [{ name: "x", datatype: "INT64", shape: [1] }],
  outputs: [{ name: "y", datatype: "INT64", shape: [1] }],
};
const request = '{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[9007199254740993]}]}';
const response =
  '{"model_name":"any","model_version":"1","outputs":[{"name":"y","shape":[1],"datatype":"INT64","data":[9007199254740995]}]}';

function parse(text: string) {
  return parseInferSample(Buffer.from(text), signature);
}

describe("parseInferSample()", () => {
  it("reads request and response, whole numbers exactly", () => {
    const sample = parse(`{"request":${request},"response":${response}}`);
    assert.deepEqual(sample.request.inputs[0]!.data, new BigInt64Array([9007199254740993n]));
    assert.deepEqual(sample.outputs?.[0]?.data, new BigInt64Array([9007199254740995n]));
  });

  it("takes a request alone", () => assert.equal(parse(`{"request":${request}}`).outputs, undefined));

  for (const [name, text, pattern] of [
    ["no request", "{}", /has no "request"/],
    ["an unknown field", `{"request":${request},"respones":1}`, /unknown field "respones"/],
    ["an output the model has not", `{"request":${request},"response":${response.replace('"y"', '"z"')}}`, /no output "z"/],
    ["no output", `{"request":${request},"response":{"outputs":[]}}`, /must have a tensor/],
    [
      "a wrong datatype",
      `{"request":${request},"response":${response.replace("INT64", "INT32")}}`,
      /output "y": datatype must be INT64/,
    ],
    ["text that is not JSON", "{", /The sample is not JSON/],
  ] as const) {
    it(`refuses ${name}`, () => assert.throws(() => parse(text), { code: "badRequest", message: pattern }));
  }
});
