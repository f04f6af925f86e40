import { SlipwayError } from "@slipway/base";
import { type Exchange, type RenderedError, type Route, renderPlainError } from "@slipway/http";
import {
  type FrameHeaders,
  type ModelRoute,
  openaiErrorBody,
  readRequestedModel,
  renderListedModel,
  renderListedModels,
} from "@slipway/protocol";
import { Caller } from "./access/caller.ts";
import { forwardCall, type Load } from "./forward/forward-call.ts";
import { headersToReplica } from "./forward/passed-headers.ts";
import { keptMessage } from "./forward/request-body.ts";
import { requestDeadline, usualTextMs } from "./forward/request-deadline.ts";
import type { GatewayRoutesOptions } from "./gateway-routes.ts";
import type { RouteTarget } from "./route/route-view.ts";

/** Largest body: text, which no context holds more of. It is read here, for the name of the model. */
const bodyBytes = 4 * 1024 * 1024;
const defaultNamespace = "default";

/** The OpenAI API over all models (https://platform.openai.com/docs/api-reference): a request's `model` says which, `NAME` or `NAMESPACE/NAME`. */
export function openaiRoutes(options: GatewayRoutesOptions, load: Load): Route[] {
  const access = { type: options.authenticated ? "token" : "open" } as const;
  const created = Math.floor(options.clock.now() / 1_000);
  const post = (path: string): Route => ({
    method: "POST",
    path: `/${path}`,
    access,
    limits: { bodyBytes, bodyMs: 60_000 },
    encodedBodies: "inflate",
    handler: (exchange) => forwardText(options, load, exchange, path),
  });
  const get = (path: string, handler: Route["handler"]): Route => ({
    method: "GET",
    path,
    access,
    limits: { bodyBytes: 0, bodyMs: 1_000 },
    handler,
  });
  const retrieve = (exchange: Exchange, id: string): void => {
    const found = seenModels(options, exchange).find((model) => idOf(model) === id || `${model.namespace}/${model.name}` === id);
    if (found === undefined) throw new SlipwayError("notFound", `There is no model ${JSON.stringify(id.slice(0, 100))}.`);
    exchange.sendJson(200, renderListedModel({ id, created }));
  };
  return [
    post("v1/chat/completions"),
    post("v1/completions"),
    post("v1/embeddings"),
    get("/v1/models", (exchange) =>
      exchange.sendJson(200, renderListedModels(seenModels(options, exchange).map((model) => ({ id: idOf(model), created })))),
    ),
    get("/v1/models/:model", (exchange) => retrieve(exchange, exchange.params.model!)),
    get("/v1/models/:namespace/:model", (exchange) =>
      retrieve(exchange, `${exchange.params.namespace}/${exchange.params.model}`),
    ),
  ];
}

/** An error as the clients of the route that it happened at read it. */
export function renderGatewayError(error: SlipwayError, exchange: Exchange | undefined): RenderedError {
  return exchange?.path.startsWith("/v1/") ? { body: openaiErrorBody(error) } : renderPlainError(error);
}

async function forwardText(options: GatewayRoutesOptions, load: Load, exchange: Exchange, path: string): Promise<void> {
  const { user, headers, local } = exchange;
  const deadlineMs = requestDeadline(headers, usualTextMs);
  exchange.hurryBody(deadlineMs);
  const body = await exchange.readBody();
  const target = targetOf(readRequestedModel(body));
  if (user instanceof Caller) user.demand(target.namespace, target.model);
  const { budget } = options;
  if (!budget.take(body.length))
    throw new SlipwayError("unavailable", "The gateway holds too many requests.", { retryAfter: 1, hint: "Try again." });
  // It was inflated here.
  const { "content-encoding": _, ...passed } = headersToReplica(headers, local) as Record<string, string>;
  forwardCall(options.context, load, {
    client: exchange,
    target,
    headers: passed satisfies FrameHeaders,
    method: "POST",
    path,
    deadlineAt: () => options.clock.monotonic() + deadlineMs,
    body: () => ({ ...keptMessage(body), discard: () => budget.give(body.length) }),
    done: (error) => {
      if (error !== undefined) exchange.fail(error);
    },
  });
}

function targetOf(name: string): RouteTarget {
  const slash = name.indexOf("/");
  if (slash === -1) return { namespace: defaultNamespace, model: name, revision: undefined };
  return { namespace: name.slice(0, slash), model: name.slice(slash + 1), revision: undefined };
}

/** The models that a caller may use. A gateway does not know what they take; those of tensors say so when they are asked for text. */
function seenModels({ view }: GatewayRoutesOptions, { user }: Exchange): ModelRoute[] {
  const known = view();
  if (known === undefined)
    throw new SlipwayError("unavailable", "The gateway does not know any models yet.", { retryAfter: 1, hint: "Try again." });
  return [...known.values()].filter(({ namespace, name }) => !(user instanceof Caller) || user.may(namespace, name));
}

function idOf({ namespace, name }: ModelRoute): string {
  return namespace === defaultNamespace ? name : `${namespace}/${name}`;
}
