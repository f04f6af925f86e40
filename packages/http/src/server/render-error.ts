import type { SlipwayError } from "@slipway/base";
import type { AnswerHeaders } from "../exchange/exchange.ts";
import { MethodNotAllowed } from "../route/router.ts";
import type { RenderedError } from "./http-server.ts";

/** The body of an error in the style of the Open Inference Protocol: `{"error": "…", "hint"?: "…"}`. */
export function renderPlainError(error: SlipwayError): RenderedError {
  return { body: { error: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) } };
}

/** Headers that belong to an error whatever its body looks like. */
export function errorHeaders(error: SlipwayError, requestId: string | undefined): AnswerHeaders {
  const headers: Record<string, string | number> = { "content-type": "application/json", "cache-control": "no-store" };
  if (requestId !== undefined) headers["x-request-id"] = requestId;
  if (error.retryAfter !== undefined) headers["retry-after"] = Math.max(1, Math.ceil(error.retryAfter));
  if (error.code === "unauthenticated") headers["www-authenticate"] = "Bearer";
  if (error instanceof MethodNotAllowed) headers.allow = error.allow;
  return headers;
}
