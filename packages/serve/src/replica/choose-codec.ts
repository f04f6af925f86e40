import { grpcMediaType } from "@slipway/protocol";
import { grpcCodec } from "./grpc-codec.ts";
import type { InferenceCall } from "./inference-call.ts";
import type { InferenceCodec } from "./inference-codec.ts";
import { jsonCodec } from "./json-codec.ts";

/** The codec of a call, by its content type. What no other codec claims is JSON's, to take or to refuse. */
export function chooseCodec(headers: InferenceCall["headers"]): InferenceCodec {
  return headers["content-type"] === grpcMediaType ? grpcCodec : jsonCodec;
}
