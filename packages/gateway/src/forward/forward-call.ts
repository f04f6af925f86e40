import { SlipwayError } from "@slipway/base";
import { route as chooseRevision, type RouteTarget } from "../route/route-view.ts";
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
  readonly method: "GET" | "POST";
  /** The path after the model: `infer`, `ready`, or empty. */
  readonly path: string;
  /** Says when the whole answer must be there, on the monotonic clock. Called once the target is known; what it throws is the answer. */
  readonly deadlineAt: () => number;
  readonly body: () => Promise<RequestBody>;
}

/** Forwards a request for a model that is there, or may be: counted, and its body given back at its end. Rejects with what the client should be told. */
export async function forwardCall(context: ForwardContext, load: Load, call: ModelCall): Promise<void> {
  const { client, target, method, path } = call;
  const view = context.view(target);
  // Before the body is read: who asks for what is not there need not send it. While nobody can know, requests wait.
  if (view !== undefined) chooseRevision(view, target, 0);
  else if (path === "ready")
    throw new SlipwayError("unavailable", "The gateway does not know this model yet.", { retryAfter: 1 });
  const deadlineAt = call.deadlineAt();
  load.inflight += 1;
  context.counters.requests += 1;
  let body: RequestBody | undefined;
  try {
    body = await call.body();
    await forwardRequest(context, { exchange: client, target, method, path, body, deadlineAt, mayWait: path === "infer" });
  } finally {
    load.inflight -= 1;
    body?.discard();
  }
}
