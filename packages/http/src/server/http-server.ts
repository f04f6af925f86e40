import type { Server as PlainServer } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { ByteBudget, Clock, Log, SlipwayError } from "@slipway/base";
import type { Exchange } from "../exchange/exchange.ts";
import type { GrpcOptions } from "../grpc/grpc-method.ts";
import type { Route, User } from "../route/route.ts";
import type { AllowedHosts } from "../safety/check-request.ts";
import type { TlsSource } from "../tls/tls-source.ts";

/** Where to listen. */
export type Listen =
  /** `port` 0 takes any free one. `portHint` says how to choose another when it is taken, e.g. "Choose another with --gateway-port, or 0 for any free one." */
  | { readonly host: string; readonly port: number; readonly portHint?: string }
  /** A Unix socket; a left-over file that nobody listens on is replaced. */
  | { readonly path: string };

/** Milliseconds. Bodies have their route's own deadline. */
export interface Timeouts {
  /** From the connection, or the end of the last request, until a request's headers are complete. Default 8 s. */
  readonly headersMs?: number;
  /** How long an idle connection is kept. Default 60 s. */
  readonly idleMs?: number;
  /** How long a reader may take nothing of its answer, before the time its bytes take at 16 KiB/s. Default 10 s. */
  readonly stallMs?: number;
}

/** How an error becomes the body of an answer. */
export interface RenderedError {
  /** Default: the status of the error's code. */
  readonly status?: number;
  readonly body: unknown;
}

/** A certificate and its key, PEM texts; or where the newest are, for connections from then on. */
export type ServerCertificate = { readonly cert: string; readonly key: string } | TlsSource;

/** What {@link startHttpServer} needs. */
export interface HttpServerOptions {
  readonly routes: readonly Route[];
  readonly listen: Listen;
  /** Without it the listener is plain HTTP. */
  readonly tls?: ServerCertificate;
  readonly allowedHosts: AllowedHosts;
  /** What is offered over gRPC on the same port; absent: HTTP/2 is not spoken. */
  readonly grpc?: GrpcOptions;
  /** Full origins (`https://console.example`) allowed besides the listener's own. Default none. */
  readonly allowedOrigins?: readonly string[];
  /** Who a bearer token belongs to; undefined = nobody. Must compare in constant time. Required when a route needs a token. */
  readonly authenticate?: (token: string) => User | undefined | Promise<User | undefined>;
  /** What to do without a valid token, one sentence. */
  readonly tokenHint?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeouts?: Timeouts;
  /** What bodies that are read whole may hold together, from their first byte until they are answered; who comes when it is used up is told 503. Default: no bound but that of each. */
  readonly bodyBudget?: ByteBudget;
  /** Connections beyond this many are answered 503 and closed. Default 2048. */
  readonly maxConnections?: number;
  /** Requests under way on one connection (pipelining). Default 64. */
  readonly maxPipelined?: number;
  /** Default: `{"error": message, "hint"?: …}`. The exchange is missing when the request could not even be parsed. */
  readonly renderError?: (error: SlipwayError, exchange: Exchange | undefined) => RenderedError;
}

/** What has happened on a listener since it started. */
export interface HttpCounters {
  /** Requests that reached a check of their headers. */
  requests: number;
  /** Answers 4xx that the server itself gave, and clients that left in mid-request. */
  clientErrors: number;
  /** Answers 5xx to errors nobody expected. */
  serverErrors: number;
  /** Connections refused above the cap. */
  refusedConnections: number;
  /** Connections cut because their client sent headers or a body, or read its answer, too slowly. */
  slowClients: number;
}

/** A running listener. */
export interface HttpServer {
  /** What it bound. `url` is `http://HOST:PORT` or `https://…`; for a Unix socket only `path` is set. */
  readonly address: { readonly host: string; readonly port: number; readonly url: string } | { readonly path: string };
  readonly counters: Readonly<HttpCounters>;
  /** From now on every answer tells its client to connect anew, elsewhere if there is an elsewhere; requests are taken as before. */
  sendClientsAway(): void;
  /** Stops accepting, lets requests under way finish for at most `drainMs`, then cuts what is left. Idempotent; never throws. */
  close(options: { readonly drainMs: number }): Promise<void>;
}

/** Node's two servers, which behave alike once a connection is there. */
export type NodeServer = PlainServer | SecureServer;
