import { isIP } from "node:net";
import { type Clock, type Log, SlipwayError } from "@slipway/base";
import { type HttpServer, loopbackHosts, startHttpServer, type Timeouts, type TlsSource } from "@slipway/http";
import type { RouteTable } from "@slipway/protocol";
import { combineEndpoints } from "./endpoints/combine-endpoints.ts";
import type { Endpoints } from "./endpoints/endpoints.ts";
import type { FeedConnector } from "./feed/feed-connector.ts";
import { RouteSubscriber } from "./feed/route-subscriber.ts";
import type { ForwardContext } from "./forward/forward-request.ts";
import { defaultHoldLimits, type HoldLimits, HoldQueue } from "./forward/hold-queue.ts";
import { KeepBudget } from "./forward/keep-budget.ts";
import { gatewayRoutes, type Load } from "./gateway-routes.ts";
import { type GatewayStats, newCounters } from "./gateway-stats.ts";
import { Fleet } from "./replicas/fleet.ts";
import { replicaConnector } from "./replicas/replica-connector.ts";
import { type RouteView, routeView } from "./route/route-view.ts";

/** What a gateway needs. */
export interface GatewayOptions {
  /** A loopback address, and a port (0 = any free one). `portHint` says how to choose another when it is taken. */
  readonly listen: { readonly host: string; readonly port: number; readonly portHint?: string };
  /** The way to control, which publishes routes. */
  readonly routes: FeedConnector;
  /** What this gateway proves itself to replicas of a network with; without it only those of this machine are reached. */
  readonly credentials?: TlsSource;
  /** What a cluster says about replicas beside control. */
  readonly endpoints?: Endpoints;
  readonly clock: Clock;
  readonly log: Log;
  /** Of Slipway; told by the server metadata. */
  readonly version: string;
  /** Largest body of an inference request in bytes. Default 64 MiB. */
  readonly bodyBytes?: number;
  /** Period of the replicas' health probe in milliseconds; three without an answer take a replica out of rotation. Default 500. */
  readonly pingMs?: number;
  readonly hold?: Partial<HoldLimits>;
  readonly timeouts?: Timeouts;
  /** Numbers in [0, 1) for shares and ties. Default `Math.random`. */
  readonly random?: () => number;
}

/** A running gateway. */
export interface Gateway {
  readonly address: { readonly host: string; readonly port: number; readonly url: string };
  stats(): GatewayStats;
  /** Stops accepting, lets requests under way finish for at most `drainMs` (default 0), then ends every connection. Idempotent. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** Bodies kept for a second try, over all requests. */
const keepBytes = 256 * 1024 * 1024;

/** Serves inference on loopback by the routes that control publishes. Throws `invalid` for any other host, and what binding throws. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  requireLoopback(options.listen.host);
  const { clock, log } = options;
  const counters = newCounters();
  const load: Load = { inflight: 0 };
  const budget = new KeepBudget(keepBytes);
  const limits = { ...defaultHoldLimits, ...options.hold };
  const held = new HoldQueue(clock, limits);
  const fleet = new Fleet({
    clock,
    log,
    counters,
    connect: replicaConnector(options.credentials),
    pingMs: options.pingMs ?? 500,
    onReady: () => held.releaseAll(),
  });
  let table: RouteTable | undefined;
  let view: RouteView | undefined;
  const use = (controlAway: boolean) => {
    if (table === undefined) return;
    const used = options.endpoints === undefined ? table : combineEndpoints(table, options.endpoints.current, controlAway);
    fleet.apply(used);
    view = routeView(used);
    // Some may go to a revision that is new, others learn that their model is gone.
    held.releaseAll();
  };
  const subscriber = new RouteSubscriber({
    connect: options.routes,
    clock,
    log,
    apply: (next) => {
      table = next;
      use(false);
    },
    onAway: () => use(true),
  });
  let due = false;
  const unfollow = options.endpoints?.onChange(() => {
    if (due) return;
    due = true;
    // A burst of changes is looked at once.
    setImmediate(() => {
      due = false;
      use(subscriber.staleSince !== undefined);
    });
  });
  const context: ForwardContext = {
    clock,
    random: options.random ?? Math.random,
    fleet,
    held,
    holdMs: limits.ms,
    counters,
    view: () => view,
  };
  const stop = () => {
    unfollow?.();
    subscriber.close();
    fleet.close();
  };
  let server: HttpServer;
  try {
    server = await startHttpServer({
      routes: gatewayRoutes(
        {
          clock,
          context,
          bodyBytes: options.bodyBytes ?? 64 * 1024 * 1024,
          budget,
          version: options.version,
        },
        load,
      ),
      listen: options.listen,
      allowedHosts: loopbackHosts,
      clock,
      log,
      ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
    });
  } catch (error) {
    stop();
    throw error;
  }
  if ("path" in server.address) throw new SlipwayError("internal", "The gateway listens on a path.");
  return {
    address: server.address,
    stats: () => ({
      ...counters,
      ...load,
      keptBytes: budget.used,
      waiting: held.waiting,
      replicas: fleet.all().map((link) => ({ name: link.name, ready: link.open !== undefined, inflight: link.inflight })),
      generation: table?.generation,
      staleSince: subscriber.staleSince,
    }),
    close: async ({ drainMs = 0 } = {}) => {
      await server.close({ drainMs });
      stop();
    },
  };
}

/** There is no identity yet, so nobody but this machine's users may reach inference. */
function requireLoopback(host: string): void {
  if (host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))) return;
  throw new SlipwayError(
    "invalid",
    `The gateway listens on loopback only, not on ${JSON.stringify(host)}: it cannot tell callers apart yet.`,
    {
      hint: "Use 127.0.0.1.",
    },
  );
}
