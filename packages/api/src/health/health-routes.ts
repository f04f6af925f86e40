import type { Exchange, Limits, Route } from "@slipway/http";

const limits: Limits = { bodyBytes: 0, bodyMs: 1_000 };

/** `/healthz`, `/livez`, `/readyz`: the only routes without a token. `notReady` says why the platform is not ready, if so. */
export function healthRoutes(notReady: () => string | undefined): Route[] {
  const live = (exchange: Exchange) => exchange.send(200, { "content-type": "text/plain; charset=utf-8" }, "ok");
  const ready = (exchange: Exchange) => {
    const reason = notReady();
    if (reason === undefined) live(exchange);
    else exchange.sendJson(503, { error: reason });
  };
  const route = (path: string, handler: (exchange: Exchange) => void): Route => ({
    method: "GET",
    path,
    access: { type: "open" },
    limits,
    handler,
  });
  return [route("/livez", live), route("/healthz", live), route("/readyz", ready)];
}
