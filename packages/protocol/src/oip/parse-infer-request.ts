import { NeedsExactIntegers } from "./fill-data.ts";
import type { InferRequest } from "./infer-messages.ts";
import { parseExactJson, parseJson } from "./parse-json.ts";
import { readInferRequest } from "./read-infer-request.ts";
import type { ModelSignature } from "./tensor.ts";

const what = "The request body";

/** An OIP v2 inference request from its JSON, checked against the model's signature: no unknown field, no silent cast, nothing allocated for a claim that the data does not back. Throws `badRequest`. */
export function parseInferRequest(body: Uint8Array, signature: ModelSignature): InferRequest {
  try {
    return readInferRequest(parseJson(body, what), signature, { bytes: body.length, exact: false });
  } catch (error) {
    if (!(error instanceof NeedsExactIntegers)) throw error;
    return readInferRequest(parseExactJson(body, what), signature, { bytes: body.length, exact: true });
  }
}
