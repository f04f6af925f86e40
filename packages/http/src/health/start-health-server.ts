import type { Clock, Log } from "@slipway/base";
import type { Exchange } from "../exchange/exchange.ts";
import type { Route } from "../route/route.ts";
import type { HttpServer } from "../server/http-server.ts";
import { startHttpServer } from "../server/start-http-server.ts";

/** The media type of Prometheus' text format 0.0.4. */
export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

/** What {@link startHealthServer} needs. */
export interface HealthServerOptions {
  readonly host: string;
  readonly port: number;
  /** Why no requests should come now, one sentence; undefined when they may. */
  readonly notReady: () => string | undefined;
  /** What `/metrics` answers with, in Prometheus' text format; absent: nothing is there. */
  readonly metrics?: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Answers `/v2/health/live` and `/v2/health/ready` over plain HTTP, and `/metrics` when there are any, and nothing else: for probes, which come to an address and not to a name. Throws `conflict` when the port is taken. */
export function startHealthServer({ host, port, notReady, metrics, clock, log }: HealthServerOptions): Promise<HttpServer> {
  const get = (path: string, handler: (exchange: Exchange) => void): Route => ({
    method: "GET",
    path,
    access: { type: "open" },
    limits: { bodyBytes: 0, bodyMs: 1_000 },
    handler,
  });
  return startHttpServer({
    routes: [
      get("/v2/health/live", (exchange) => exchange.sendJson(200, { live: true })),
      get("/v2/health/ready", (exchange) => {
        const error = notReady();
        if (error === undefined) exchange.sendJson(200, { ready: true });
        else exchange.sendJson(503, { ready: false, error }, { "retry-after": 1 });
      }),
      ...(metrics === undefined
        ? []
        : [get("/metrics", (exchange) => exchange.send(200, { "content-type": metricsType }, Buffer.from(metrics())))]),
    ],
    listen: { host, port },
    allowedHosts: "any",
    clock,
    log,
  });
}
