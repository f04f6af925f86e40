import { SlipwayError } from "@slipway/base";
import { codeOfStatus } from "../status/status-to-error.ts";
import { type Fetch, readText, send } from "../transport/transport.ts";

/** How to reach a gateway, or a replica that listens by itself. */
export interface InferenceOptions {
  /** `http://host:port`, without a trailing slash. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
}

/** Which model is meant. */
export interface InferenceTarget {
  /** Default `default`. */
  readonly namespace?: string;
  readonly model: string;
  /** Only this revision, whatever the traffic split. */
  readonly revision?: string;
}

/** Calls of the Open Inference Protocol v2 over HTTP/JSON. */
export interface Inference {
  /** Sends an inference request body as it is and gives the answer's body as it came: no number is re-formatted. Fails as the gateway says. */
  predict(target: InferenceTarget, body: string | Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<string>;
  /** Whether the model answers requests now. Fails only when the gateway cannot be reached. */
  ready(target: InferenceTarget, signal?: AbortSignal): Promise<boolean>;
}

/** URL path of a model on a gateway. */
export function modelPath(target: InferenceTarget): string {
  const { namespace = "default", model, revision } = target;
  const parts = [
    ...(namespace === "default" ? [] : ["namespaces", namespace]),
    ...["v2", "models", model],
    ...(revision === undefined ? [] : ["versions", revision]),
  ];
  return `/${parts.map(encodeURIComponent).join("/")}`;
}

/** {@link Inference} over a fetch. */
export function createInference(options: InferenceOptions): Inference {
  return {
    async predict(target, body, signal) {
      const url = `${options.baseUrl}${modelPath(target)}/infer`;
      const headers = { accept: "application/json", "content-type": "application/json" };
      const response = await send(options.fetch, "The gateway", url, {
        method: "POST",
        headers,
        body,
        ...(signal && { signal }),
      });
      const text = await readText("The gateway", url, response, signal);
      if (!response.ok) throw inferenceError(response.status, text, response.headers.get("retry-after"));
      return text;
    },
    async ready(target, signal) {
      const url = `${options.baseUrl}${modelPath(target)}/ready`;
      const response = await send(options.fetch, "The gateway", url, { method: "GET", headers: {}, ...(signal && { signal }) });
      await readText("The gateway", url, response, signal);
      return response.ok;
    },
  };
}

/** The error of an OIP answer: `{"error": "…"}`, and the status. */
function inferenceError(status: number, text: string, retryAfter: string | null): SlipwayError {
  let message = `The gateway answered with HTTP status ${status}.`;
  let hint: string | undefined;
  try {
    const body = JSON.parse(text) as { error?: unknown; hint?: unknown };
    if (typeof body.error === "string") message = body.error;
    if (typeof body.hint === "string") hint = body.hint;
  } catch {
    // Not JSON: something else answers on this port; the status is all there is to say.
  }
  const seconds = Number(retryAfter);
  return new SlipwayError(codeOfStatus(status), message, {
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfter !== null && Number.isFinite(seconds) ? { retryAfter: seconds } : {}),
  });
}
