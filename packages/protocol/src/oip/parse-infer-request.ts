import { BinaryTail } from "./binary-tail.ts";
import { refuseDuplicateFields } from "./duplicate-fields.ts";
import { NeedsExactIntegers } from "./fill-data.ts";
import type { InferRequest } from "./infer-messages.ts";
import { parseExactJson, parseJson } from "./parse-json.ts";
import { type ReadContext, readInferRequest } from "./read-infer-request.ts";
import { RepeatedHead } from "./repeated-head.ts";
import type { ModelSignature } from "./tensor.ts";

const what = "The request body";
const heads = new RepeatedHead();

/**
 * An OIP v2 inference request from its body, checked against the model's signature: no unknown field, no silent cast, nothing allocated for a
 * claim that the data does not back. `jsonBytes` is the length of the JSON when binary data may follow it; absent means all of the body. Throws `badRequest`.
 */
export function parseInferRequest(body: Uint8Array, signature: ModelSignature, jsonBytes?: number): InferRequest {
  const json = jsonBytes === undefined ? body : body.subarray(0, jsonBytes);
  const context = (exact: boolean): ReadContext =>
    jsonBytes === undefined
      ? { bytes: json.length, exact }
      : { bytes: json.length, exact, tail: new BinaryTail(body, jsonBytes) };
  try {
    if (jsonBytes !== undefined) return readInferRequest(heads.parse(json, what), signature, context(false));
    const value = parseJson(json, what);
    const request = readInferRequest(value, signature, context(false));
    refuseDuplicateFields(json, value, what);
    return request;
  } catch (error) {
    if (!(error instanceof NeedsExactIntegers)) throw error;
    const value = parseExactJson(json, what);
    const request = readInferRequest(value, signature, context(true));
    refuseDuplicateFields(json, value, what);
    return request;
  }
}
