import type { SlipwayError } from "@slipway/base";
import type { InferRequest, InferResponse, ModelSignature } from "@slipway/protocol";
import type { InferenceAnswer, InferenceCall } from "./inference-call.ts";

/** One encoding of inference requests and answers. It has no state: one codec serves every call of its content type. */
export interface InferenceCodec {
  /** Loads what it needs, before the first {@link parse}; undefined when everything is there. */
  load?(): Promise<void> | undefined;
  /** The request in a call's body, checked against the signature. Throws `badRequest` or `unsupportedMediaType`. */
  parse(call: InferenceCall, signature: ModelSignature): InferRequest;
  /** The answer to a request. Throws `internal` when it cannot be carried, or is above `limitBytes`. */
  render(response: InferResponse, request: InferRequest, limitBytes: number): InferenceAnswer;
  /** The answer that says an error. */
  error(error: SlipwayError): InferenceAnswer;
}
