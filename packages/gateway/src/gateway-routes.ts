import type { ByteBudget, Clock, SlipwayError } from "@slipway/base";
import type { Exchange, Route } from "@slipway/http";
import { type FrameHeaders, renderServerMetadata } from "@slipway/protocol";
import { Caller } from "./access/caller.ts";
import { forwardCall, type Load, type ModelCall } from "./forward/forward-call.ts";
import type { ForwardContext } from "./forward/forward-request.ts";
import { headersToReplica } from "./forward/passed-headers.ts";
import { type RequestBody, requestBody } from "./forward/request-body.ts";
import { requestDeadline } from "./forward/request-deadline.ts";
import { openaiRoutes } from "./openai-routes.ts";
import { repositoryRoutes } from "./repository-routes.ts";
import type { RouteTarget, RouteView } from "./route/route-view.ts";

/** What the routes need besides what forwarding needs. */
export interface GatewayRoutesOptions {
  readonly clock: Clock;
  readonly context: ForwardContext;
  /** All routes in force; undefined before the first table. */
  readonly view: () => RouteView | undefined;
  /** Largest body of an inference request. */
  readonly bodyBytes: number;
  /** For bodies kept for a second try; when it is used up they are passed on as they come. */
  readonly budget: ByteBudget;
  readonly version: string;
  /** Whether inference and metadata are for callers with a token only. */
  readonly authenticated: boolean;
  /** Why no requests should come now, one sentence; undefined when they may. */
  readonly notReady: () => string | undefined;
}

/** Milliseconds the body of an inference request may take to arrive. */
export const bodyMs = 60_000;
const noBody = { bodyBytes: 0, bodyMs: 1_000 };
const json = { "content-type": "application/json" };

/** The HTTP surface: server, health, and models in the default namespace or one named by the path, with or without a pinned revision. */
export function gatewayRoutes(options: GatewayRoutesOptions, load: Load): Route[] {
  const metadata = renderServerMetadata(options.version, true);
  const access = { type: options.authenticated ? "token" : "open" } as const;
  const route = (method: "GET" | "POST", path: string, handler: Route["handler"], limits = noBody): Route => ({
    method,
    path,
    access,
    limits,
    handler,
  });
  // Whoever asks for health knows no secret: kubelet, load balancers, `slipway doctor`.
  const health = (path: string, handler: Route["handler"]): Route => ({
    ...route("GET", path, handler),
    access: { type: "open" },
  });
  const forward = (method: "GET" | "POST", path: string) => (exchange: Exchange) =>
    forwardExchange(options, load, exchange, method, path);
  const inference = { bodyBytes: options.bodyBytes, bodyMs };
  const models = ["/v2/models/:model", "/namespaces/:namespace/v2/models/:model"].flatMap((prefix) => [
    prefix,
    `${prefix}/versions/:revision`,
  ]);
  return [
    route("GET", "/v2", (exchange) => exchange.send(200, json, metadata)),
    health("/v2/health/live", (exchange) => exchange.sendJson(200, { live: true })),
    health("/v2/health/ready", (exchange) => {
      const error = options.notReady();
      if (error === undefined) exchange.sendJson(200, { ready: true });
      else exchange.sendJson(503, { ready: false, error }, { "retry-after": 1 });
    }),
    ...repositoryRoutes({ context: options.context, view: options.view, access }),
    ...openaiRoutes(options, load),
    ...models.flatMap((prefix) => [
      route("GET", prefix, forward("GET", "")),
      route("GET", `${prefix}/ready`, forward("GET", "ready")),
      // A compressed body stays so until the replica reads it, which bounds what it inflates to.
      { ...route("POST", `${prefix}/infer`, forward("POST", "infer"), inference), encodedBodies: "pass" as const },
    ]),
  ];
}

function forwardExchange(
  options: GatewayRoutesOptions,
  load: Load,
  exchange: Exchange,
  method: "GET" | "POST",
  path: string,
): void {
  const asked = exchange.fromHead(() => askedBy(exchange));
  if (exchange.user instanceof Caller) exchange.user.demand(asked.target.namespace, asked.target.model);
  forwardCall(options.context, load, new ExchangeCall(options, exchange, asked, method, path));
}

/** A request for a model over HTTP. */
class ExchangeCall implements ModelCall {
  readonly client: Exchange;
  readonly target: RouteTarget;
  readonly headers: FrameHeaders;
  readonly method: "GET" | "POST";
  readonly path: string;
  private readonly options: GatewayRoutesOptions;
  private readonly asked: Asked;

  constructor(options: GatewayRoutesOptions, exchange: Exchange, asked: Asked, method: "GET" | "POST", path: string) {
    this.client = exchange;
    this.target = asked.target;
    this.headers = asked.headers;
    this.method = method;
    this.path = path;
    this.options = options;
    this.asked = asked;
  }

  deadlineAt(): number {
    const { asked, client } = this;
    asked.deadlineMs ??= requestDeadline(client.headers);
    // Who sends slowly has no longer than who is answered slowly.
    client.hurryBody(asked.deadlineMs);
    return this.options.clock.monotonic() + asked.deadlineMs;
  }

  body(): RequestBody | Promise<RequestBody> {
    return requestBody(this.client, this.options.budget);
  }

  done(error: SlipwayError | undefined): void {
    if (error !== undefined) this.client.fail(error);
  }
}

/** What the head of a request asks for. */
interface Asked {
  readonly target: RouteTarget;
  readonly headers: FrameHeaders;
  /** Set once it is known that the target is there. */
  deadlineMs: number | undefined;
}

function askedBy({ params, headers, local }: Exchange): Asked {
  const { namespace = "default", model = "", revision } = params;
  return { target: { namespace, model, revision }, headers: headersToReplica(headers, local), deadlineMs: undefined };
}
