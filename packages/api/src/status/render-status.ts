import type { SlipwayError } from "@slipway/base";
import type { RenderedError } from "@slipway/http";
import { aboutOf } from "./about-error.ts";
import { failureStatus } from "./status.ts";

/** Renders every error of the API's listener as a `metav1.Status`. */
export function renderStatus(error: SlipwayError): RenderedError {
  return { status: error.httpStatus, body: failureStatus(error, aboutOf(error)) };
}
