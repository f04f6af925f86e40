import { SlipwayError } from "@slipway/base";
import type { FrameHeaders } from "@slipway/protocol";
import { demandKnown, type RouteTarget } from "../route/route-view.ts";
import { type ForwardContext, forwardRequest } from "./forward-request.ts";
import type { ForwardingClient } from "./forwarding-client.ts";
import type { RequestBody } from "./request-body.ts";

/** Requests under way. */
export interface Load {
  inflight: number;
}

/** One request for a model, whatever it came over. */
export interface ModelCall {
  readonly client: ForwardingClient;
  readonly target: RouteTarget;
  /** What of its headers a replica gets. */
  readonly headers: FrameHeaders;
  readonly method: "GET" | "POST";
  /** The path after the model: `infer`, `ready`, empty, or of the OpenAI API one such as `v1/completions`. */
  readonly path: string;
  /** Says when the whole answer must be there, on the monotonic clock. Called once the target is known; what it throws is the answer. */
  deadlineAt(): number;
  body(): RequestBody | Promise<RequestBody>;
  /** Called once, when the client has its answer or `error` is what it should be told; not when {@link forwardCall} throws. */
  done(error: SlipwayError | undefined): void;
}

/**
 * Forwards a request for a model that is there, or may be: counted, and its body given back at its end. Throws what the client should be told at once. Makes no
 * promise, and waits for no later turn where the body is there: most of what a small request costs here would be that.
 */
export function forwardCall(context: ForwardContext, load: Load, call: ModelCall): void {
  const { target, path, method } = call;
  const view = context.view(target);
  // Before the body is read: who asks for what is not there need not send it. While nobody can know, requests wait.
  if (view !== undefined) demandKnown(view, target);
  else if (path === "ready")
    throw new SlipwayError("unavailable", "The gateway does not know this model yet.", { retryAfter: 1 });
  const deadlineAt = call.deadlineAt();
  load.inflight += 1;
  context.counters.requests += 1;
  const forward = (body: RequestBody): void =>
    forwardRequest(context, { call, body, deadlineAt, mayWait: method === "POST" }, (error) => {
      load.inflight -= 1;
      body.discard();
      call.done(error);
    });
  let body: RequestBody | Promise<RequestBody>;
  try {
    body = call.body();
  } catch (error) {
    load.inflight -= 1;
    throw error;
  }
  if (!(body instanceof Promise)) forward(body);
  else {
    body.then(forward, (error: unknown) => {
      load.inflight -= 1;
      call.done(SlipwayError.from(error));
    });
  }
}
