import { SlipwayError } from "@slipway/base";
import type { InferRequest } from "./infer-messages.ts";
import { readObject, shown } from "./json-object.ts";
import { parseExactJson } from "./parse-json.ts";
import { type ReadContext, readInferRequest } from "./read-infer-request.ts";
import { readTensors } from "./read-tensor.ts";
import type { ModelSignature, Tensor } from "./tensor.ts";

/** A golden sample of a model. */
export interface InferSample {
  readonly request: InferRequest;
  /** The outputs that were recorded; absent when the sample only warms up. */
  readonly outputs?: readonly Tensor[];
}

/** A sample file, `{ "request": …, "response": … }` in OIP's JSON, checked against the model's signature. Throws `badRequest`. */
export function parseInferSample(text: Uint8Array, signature: ModelSignature): InferSample {
  const context: ReadContext = { bytes: text.length, exact: true };
  const fields = readObject(parseExactJson(text, "The sample"), "The sample", ["request", "response"]);
  if (fields.request === undefined) {
    throw new SlipwayError("badRequest", 'The sample has no "request".', {
      hint: 'A sample is { "request": …, "response": … }.',
    });
  }
  const request = readInferRequest(fields.request, signature, context);
  if (fields.response === undefined) return { request };
  return { request, outputs: readResponseOutputs(fields.response, signature, context) };
}

function readResponseOutputs(value: unknown, signature: ModelSignature, context: ReadContext): readonly Tensor[] {
  const fields = readObject(value, "The response", ["model_name", "model_version", "id", "parameters", "outputs"]);
  const outputs = readTensors(fields.outputs, { role: "output", specs: signature.outputs, ...context });
  if (outputs.length === 0)
    throw new SlipwayError("badRequest", `"outputs" of the response must have a tensor, not ${shown(fields.outputs)}.`);
  return outputs;
}
