import { isIP } from "node:net";
import { ByteBudget, type Clock, type Log, SlipwayError } from "@slipway/base";
import { type AllowedHosts, type HttpServer, loopbackHosts, startHttpServer, type Timeouts, type TlsSource } from "@slipway/http";
import { accessHint, type GatewayAccess } from "./access/gateway-access.ts";
import type { Endpoints } from "./endpoints/endpoints.ts";
import type { FeedConnector } from "./feed/feed-connector.ts";
import { Deadlines } from "./forward/deadlines.ts";
import { EndOfTurn } from "./forward/end-of-turn.ts";
import type { Load } from "./forward/forward-call.ts";
import type { ForwardContext } from "./forward/forward-request.ts";
import { defaultHoldLimits, type HoldLimits, HoldQueue } from "./forward/hold-queue.ts";
import { bodyMs, type GatewayRoutesOptions, gatewayRoutes } from "./gateway-routes.ts";
import { type GatewayStats, newCounters } from "./gateway-stats.ts";
import { loadGrpcMethods } from "./grpc/gateway-backend.ts";
import { renderGatewayError } from "./openai-routes.ts";
import { Fleet } from "./replicas/fleet.ts";
import { replicaConnector } from "./replicas/replica-connector.ts";
import { FollowedRoutes } from "./route/followed-routes.ts";
import { untilQuiet } from "./until-quiet.ts";

/** What a gateway needs. */
export interface GatewayOptions {
  /** An address, of loopback unless `access` is given, and a port (0 = any free one). `portHint` says how to choose another when it is taken. */
  readonly listen: { readonly host: string; readonly port: number; readonly portHint?: string };
  /** The way to control, which publishes routes. */
  readonly routes: FeedConnector;
  /** What this gateway proves itself to replicas of a network with; without it only those of this machine are reached. */
  readonly credentials?: TlsSource;
  /** What a cluster says about replicas beside control. */
  readonly endpoints?: Endpoints;
  /** Who may use inference. Without it everybody who reaches the address may, which is why that must be one of loopback. */
  readonly access?: GatewayAccess;
  /** Names the gateway answers for. Default: those of loopback. */
  readonly allowedHosts?: AllowedHosts;
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
  /** Why no requests should be sent here now, one sentence; undefined when they may. */
  notReady(): string | undefined;
  /**
   * Is not ready from now on, and sends its clients away with each answer, but serves whoever still comes: resolves when nobody came for `quietMs`, at the latest
   * after `mostMs`. In a cluster it takes others a moment to know that this gateway is leaving.
   */
  leave(options: { readonly quietMs: number; readonly mostMs: number }): Promise<void>;
  /** Stops accepting, lets requests under way finish for at most `drainMs` (default 0), then ends every connection. Idempotent. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** Bodies kept for a second try, over all requests. */
const keepBytes = 256 * 1024 * 1024;

/** Serves inference by the routes that control publishes. Throws `invalid` for another host than loopback without `access`, and what binding throws. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  if (options.access === undefined) requireLoopback(options.listen.host);
  const { clock, log } = options;
  const counters = newCounters();
  const load: Load = { inflight: 0 };
  const budget = new ByteBudget(keepBytes);
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
  const followed = new FollowedRoutes({
    connect: options.routes,
    endpoints: options.endpoints,
    fleet,
    clock,
    log,
    // Some may go to a revision that is new, others learn that their model is gone.
    onChange: () => held.releaseAll(),
  });
  const deadlines = new Deadlines(clock);
  const context: ForwardContext = {
    deadlines,
    turn: new EndOfTurn(),
    clock,
    random: options.random ?? Math.random,
    fleet,
    held,
    holdMs: limits.ms,
    counters,
    view: (target) => followed.viewFor(target),
  };
  const stop = () => {
    deadlines.close();
    followed.close();
    fleet.close();
  };
  let leaving = false;
  const notReady = () => {
    if (leaving) return "The gateway is stopping.";
    if (followed.view === undefined) return "No routing table has come yet.";
    return options.access?.ready === false ? "The API keys have not been read yet." : undefined;
  };
  const bodyBytes = options.bodyBytes ?? 64 * 1024 * 1024;
  const surface: GatewayRoutesOptions = {
    clock,
    context,
    view: () => followed.view,
    bodyBytes,
    budget,
    version: options.version,
    authenticated: options.access !== undefined,
    notReady,
  };
  let server: HttpServer;
  try {
    server = await startHttpServer({
      routes: gatewayRoutes(surface, load),
      grpc: { load: () => loadGrpcMethods(surface, load), messageBytes: bodyBytes, messageMs: bodyMs },
      listen: options.listen,
      allowedHosts: options.allowedHosts ?? loopbackHosts,
      ...authentication(options.access),
      clock,
      log,
      renderError: renderGatewayError,
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
      generation: followed.generation,
      staleSince: followed.staleSince,
    }),
    notReady,
    leave: ({ quietMs, mostMs }) => {
      leaving = true;
      server.sendClientsAway();
      return untilQuiet(clock, () => counters.requests, quietMs, mostMs);
    },
    close: async ({ drainMs = 0 } = {}) => {
      await server.close({ drainMs });
      stop();
    },
  };
}

function authentication(access: GatewayAccess | undefined) {
  return access === undefined ? {} : { authenticate: (token: string) => access.authenticate(token), tokenHint: accessHint };
}

/** Without an identity nobody but this machine's users may reach inference. */
function requireLoopback(host: string): void {
  if (host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))) return;
  throw new SlipwayError(
    "invalid",
    `The gateway listens on loopback only, not on ${JSON.stringify(host)}: without authentication it cannot tell callers apart.`,
    {
      hint: "Use 127.0.0.1.",
    },
  );
}
