import { SlipwayError } from "@slipway/base";
import { openaiErrorBody } from "@slipway/protocol";
import type { OpenaiAnswer } from "./openai-call.ts";

/** An error as the answer to a request of the OpenAI API. */
export function openaiError(error: SlipwayError): OpenaiAnswer {
  const retry = error.retryAfter === undefined ? {} : { "retry-after": String(error.retryAfter) };
  const headers = { "content-type": "application/json", ...retry };
  return { status: error.httpStatus, headers, body: JSON.stringify(openaiErrorBody(error)) };
}

/** Why a model of tensors does not answer the OpenAI API. */
export function takesTensors(model: string): SlipwayError {
  return new SlipwayError("notFound", `The model ${JSON.stringify(model)} takes tensors; it does not speak the OpenAI API.`, {
    hint: `POST /v2/models/${model}/infer`,
  });
}
