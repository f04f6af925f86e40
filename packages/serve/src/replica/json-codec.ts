import {
  binaryHeader,
  inferErrorBody,
  parseInferRequest,
  readBinaryHeader,
  renderBinaryResponse,
  renderInferResponse,
} from "@slipway/protocol";
import { checkMediaType } from "./check-media-type.ts";
import type { InferenceCodec } from "./inference-codec.ts";

const json = { "content-type": "application/json" } as const;

/** The Open Inference Protocol over REST, with Triton's binary tensor data (https://github.com/triton-inference-server/server, extension_binary_data). */
export const jsonCodec: InferenceCodec = {
  parse(call, signature) {
    checkMediaType(call.headers);
    const header = call.headers[binaryHeader];
    const jsonBytes = header === undefined ? undefined : readBinaryHeader(header, call.body.length);
    return parseInferRequest(call.body, signature, jsonBytes);
  },
  render(response, { binaryOutputs }, limitBytes) {
    if (binaryOutputs === undefined) return { status: 200, headers: json, body: renderInferResponse(response, limitBytes) };
    const { body, jsonBytes } = renderBinaryResponse(response, binaryOutputs, limitBytes);
    return {
      status: 200,
      headers: { "content-type": "application/octet-stream", [binaryHeader]: String(jsonBytes) },
      body,
    };
  },
  error(error) {
    const headers = error.retryAfter === undefined ? json : { ...json, "retry-after": String(error.retryAfter) };
    return { status: error.httpStatus, headers, body: Buffer.from(JSON.stringify(inferErrorBody(error))) };
  },
};
