import { inferErrorBody, parseInferRequest, renderInferResponse } from "@slipway/protocol";
import { checkMediaType } from "./check-media-type.ts";
import type { InferenceCodec } from "./inference-codec.ts";

const json = { "content-type": "application/json" } as const;

/** The Open Inference Protocol over REST. */
export const jsonCodec: InferenceCodec = {
  parse(call, signature) {
    checkMediaType(call.headers);
    return parseInferRequest(call.body, signature);
  },
  render(response, _request, limitBytes) {
    return { status: 200, headers: json, body: renderInferResponse(response, limitBytes) };
  },
  error(error) {
    const headers = error.retryAfter === undefined ? json : { ...json, "retry-after": String(error.retryAfter) };
    return { status: error.httpStatus, headers, body: Buffer.from(JSON.stringify(inferErrorBody(error))) };
  },
};
