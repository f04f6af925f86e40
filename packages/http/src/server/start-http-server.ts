import { randomBytes } from "node:crypto";
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { SlipwayError } from "@slipway/base";
import { Exchange, type ExchangeContext } from "../exchange/exchange.ts";
import type { GrpcOptions } from "../grpc/grpc-method.ts";
import type { GrpcSessions } from "../grpc/grpc-sessions.ts";
import type { PlainRequest } from "../plain/plain-connection.ts";
import { PlainConnections } from "../plain/plain-connections.ts";
import type { PlainResponse } from "../plain/plain-response.ts";
import type { RequestHead } from "../plain/request-head.ts";
import type { Route, User } from "../route/route.ts";
import { type Match, Router } from "../route/router.ts";
import { RequestCheck } from "../safety/check-request.ts";
import { bind } from "./bind.ts";
import { Connection } from "./connection.ts";
import { DatedLines } from "./dated-lines.ts";
import type { HttpCounters, HttpServer, HttpServerOptions, NodeServer, ServerCertificate } from "./http-server.ts";
import { parseFailure } from "./parse-failure.ts";
import { chooseAlpn, ProtocolSwitch } from "./protocol-switch.ts";
import { errorHeaders, renderPlainError } from "./render-error.ts";

/** A reader must take at least this much of its answer, or it holds memory for ever. */
const floorBytesPerSecond = 16 * 1024;

/** Sockets accepted above the cap only to be told 503; beyond them the kernel's queue is left to drop. */
const refusalRoom = 1024;

/** Serves a route table. Throws `conflict` when the address is taken; see {@link HttpServerOptions}. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const running = new RunningServer(options);
  await running.start();
  return running;
}

/** What a server remembers of a request's head. */
interface Known {
  readonly target: string;
  readonly match: Match;
}

class RunningServer implements HttpServer {
  readonly counters: HttpCounters = { requests: 0, clientErrors: 0, serverErrors: 0, refusedConnections: 0, slowClients: 0 };
  address: HttpServer["address"] = { path: "" };
  private readonly options: HttpServerOptions;
  private readonly router: Router;
  private readonly check: RequestCheck;
  private readonly server: NodeServer;
  private readonly scheme: "http" | "https";
  private readonly render: NonNullable<HttpServerOptions["renderError"]>;
  private readonly draining = new AbortController();
  private readonly context: ExchangeContext;
  private readonly connections = new WeakMap<Duplex, Connection>();
  private readonly sockets = new Set<Duplex>();
  private readonly maxConnections: number;
  private readonly maxPipelined: number;
  private readonly protocols: ProtocolSwitch | undefined;
  private readonly plain: PlainConnections<Known> | undefined;
  private readonly unfollowTls: () => void;
  private closed: Promise<void> | undefined = undefined;
  private sendingAway = false;

  constructor(options: HttpServerOptions) {
    if (options.authenticate === undefined && options.routes.some((route) => route.access.type === "token")) {
      throw new SlipwayError("internal", "A route needs a token, but nothing authenticates tokens.");
    }
    this.options = options;
    this.scheme = options.tls === undefined ? "http" : "https";
    this.router = new Router(options.routes);
    this.check = new RequestCheck({
      allowedHosts: options.allowedHosts,
      allowedOrigins: options.allowedOrigins ?? [],
      scheme: this.scheme,
    });
    this.render = options.renderError ?? renderPlainError;
    this.maxConnections = options.maxConnections ?? 2048;
    this.maxPipelined = options.maxPipelined ?? 64;
    const prefix = randomBytes(4).toString("hex");
    let requestNumber = 0;
    this.context = {
      clock: options.clock,
      bodyBudget: options.bodyBudget,
      closing: this.draining.signal,
      lastAnswers: () => this.sendingAway || this.draining.signal.aborted,
      stallMs: options.timeouts?.stallMs ?? 10_000,
      floorBytesPerSecond,
      onSlowReader: () => {
        this.counters.slowClients += 1;
      },
      fail: (exchange, error) => this.fail(exchange, error),
      nextRequestId: () => {
        requestNumber += 1;
        return `${prefix}-${requestNumber}`;
      },
    };
    this.server = this.createServer();
    this.plain = options.tls === undefined ? this.quickWay() : undefined;
    this.protocols = this.watchConnections();
    this.unfollowTls = this.followTls();
  }

  async start(): Promise<void> {
    this.address = await bind(this.server, this.options.listen, this.scheme);
    this.server.on("error", (error) => this.options.log.error("listener failed", { error }));
  }

  sendClientsAway(): void {
    this.sendingAway = true;
    this.protocols?.loaded?.sendAway();
  }

  close(options: { readonly drainMs: number }): Promise<void> {
    this.closed ??= new Promise((resolve) => {
      this.unfollowTls();
      this.draining.abort();
      const cancel = this.options.clock.after(options.drainMs, () => {
        for (const socket of this.sockets) socket.destroy();
        this.server.closeAllConnections();
      });
      this.plain?.closeIdle();
      // Also closes idle connections; the others close after their answer, which says `connection: close`.
      this.server.close(() => {
        cancel();
        resolve();
      });
    });
    return this.closed;
  }

  private createServer(): NodeServer {
    const { tls, timeouts, routes, grpc } = this.options;
    const headersTimeout = timeouts?.headersMs ?? 8_000;
    const settings = {
      headersTimeout,
      // The routes' own deadlines come first; this one ends bodies that no handler reads.
      requestTimeout: headersTimeout + Math.max(1_000, ...routes.map((route) => route.limits.bodyMs)),
      connectionsCheckingInterval: Math.min(1_000, Math.max(50, headersTimeout / 4)),
      keepAliveTimeout: timeouts?.idleMs ?? 60_000,
      maxHeaderSize: 16 * 1024,
      requireHostHeader: false,
      noDelay: true,
    };
    const server: NodeServer =
      tls === undefined
        ? createPlainServer(settings)
        : createSecureServer({
            ...settings,
            ...serverContext(tls),
            handshakeTimeout: headersTimeout,
            ...(grpc === undefined
              ? { ALPNProtocols: ["http/1.1"] }
              : { ALPNCallback: ({ protocols }: { readonly protocols: string[] }) => chooseAlpn(protocols) }),
          });
    // Node would drop headers beyond a count in silence; their size is bounded already.
    server.maxHeadersCount = 0;
    server.maxConnections = this.maxConnections + refusalRoom;
    server.on("drop", () => {
      this.counters.refusedConnections += 1;
    });
    server.on("request", (request, response) => this.onRequest(request, response, false));
    server.on("checkContinue", (request, response) => this.onRequest(request, response, true));
    server.on("checkExpectation", (request, response) => this.onRequest(request, response, false));
    server.on("clientError", (error, socket) => this.onParseError(error, socket));
    server.on("connect", (_request, socket: Duplex) => {
      this.counters.clientErrors += 1;
      this.connection(socket).refuse(new SlipwayError("methodNotAllowed", "CONNECT is not allowed here."));
    });
    return server;
  }

  /** Counts connections, refuses those above the cap, and sorts the others by what they speak. */
  private watchConnections(): ProtocolSwitch | undefined {
    const { server } = this;
    const { tls, grpc } = this.options;
    const protocols = grpc === undefined ? undefined : this.protocolSwitch(grpc);
    // The last one that is put in front is the first one called.
    server.prependListener(tls === undefined ? "connection" : "secureConnection", (socket: Duplex) =>
      this.capConnections(socket),
    );
    server.prependListener("connection", (socket: Duplex) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
    return protocols;
  }

  /** Connections from now on have the newest certificate. Returns how to stop. */
  private followTls(): () => void {
    const { tls, log } = this.options;
    const { server } = this;
    if (tls === undefined || !("current" in tls) || !("setSecureContext" in server)) return () => {};
    return tls.onChange(() => {
      try {
        server.setSecureContext(serverContext(tls));
      } catch (error) {
        log.error("new certificate cannot be used; the one before stays", { error });
      }
    });
  }

  private protocolSwitch(grpc: GrpcOptions): ProtocolSwitch {
    const { tls, clock, log, timeouts } = this.options;
    return new ProtocolSwitch(this.server, tls !== undefined, {
      headersMs: timeouts?.headersMs ?? 8_000,
      clock,
      log,
      isRefused: (socket) => this.isRefused(socket),
      refuse: (socket, error) => {
        this.counters.slowClients += 1;
        this.connection(socket).refuse(error);
      },
      load: () => this.loadGrpc(grpc),
    });
  }

  private async loadGrpc(grpc: GrpcOptions): Promise<GrpcSessions> {
    const [{ GrpcSessions }, methods] = await Promise.all([import("../grpc/grpc-sessions.ts"), grpc.load()]);
    const { authenticate, bodyBudget, clock, log } = this.options;
    if (authenticate === undefined && methods.some((method) => method.access.type === "token")) {
      throw new SlipwayError("internal", "A method needs a token, but nothing authenticates tokens.");
    }
    const { stallMs } = this.context;
    return new GrpcSessions({
      ...grpc,
      methods,
      bodyBudget,
      stallMs,
      floorBytesPerSecond,
      clock,
      log,
      counters: this.counters,
      closing: this.draining.signal,
      sendingAway: () => this.sendingAway,
      authenticate: (metadata) => this.authenticated(metadata.authorization),
      checkAuthority: (authority, origin) => this.check.authority(authority, origin),
    });
  }

  private async authenticated(authorization: string | undefined): Promise<User> {
    const { authenticate, tokenHint } = this.options;
    const user = await authenticate?.(bearerToken(authorization, tokenHint));
    return user ?? this.nobody();
  }

  private nobody(): never {
    const { tokenHint: hint } = this.options;
    throw new SlipwayError("unauthenticated", "The token is not valid.", hint === undefined ? {} : { hint });
  }

  /** Puts the quick way in front of Node's HTTP parser, which gets what is not for it. */
  private quickWay(): PlainConnections<Known> {
    const { server } = this;
    const { clock, timeouts } = this.options;
    const full = server.listeners("connection")[0] as (this: NodeServer, socket: Socket) => void;
    const idleMs = timeouts?.idleMs ?? 60_000;
    const dated = new DatedLines(clock, `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(idleMs / 1_000)}\r\n`);
    const plain = new PlainConnections<Known>(
      {
        judge: (head) => this.judge(head),
        answer: (request, response) => this.onPlainRequest(request, response),
        handOver: (socket) => full.call(server, socket),
        commonLines: () => dated.lines,
        ending: () => this.draining.signal.aborted,
        clock,
      },
      idleMs,
    );
    server.removeListener("connection", full as (socket: Socket) => void);
    server.on("connection", (socket: Socket) => {
      if (this.isRefused(socket)) full.call(server, socket);
      else plain.accept(socket);
    });
    return plain;
  }

  /** What there is to know of a head; undefined for one that is refused, which the full parser's way tells its client. */
  private judge({ method, target, headers, bodyBytes }: RequestHead): Known | undefined {
    try {
      const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
      const checked = this.check.target({ url: target, headers, rawHeaders });
      const mark = checked.indexOf("?");
      const match = this.router.match(method, mark === -1 ? checked : checked.slice(0, mark));
      return bodyBytes > match.route.limits.bodyBytes ? undefined : { target: checked, match };
    } catch {
      return undefined;
    }
  }

  private onPlainRequest(request: PlainRequest<Known>, response: PlainResponse): void {
    this.counters.requests += 1;
    const { target, match } = request.known;
    const exchange = new Exchange(request, response, this.context, target, false);
    response.once("close", () => exchange.onClose());
    try {
      this.begin(exchange, match, request.headers.authorization);
    } catch (error) {
      this.fail(exchange, error);
    }
  }

  private connection(socket: Duplex): Connection {
    let connection = this.connections.get(socket);
    if (connection === undefined) {
      connection = new Connection(socket, this.options.clock, this.render);
      this.connections.set(socket, connection);
    }
    return connection;
  }

  private isRefused(socket: Duplex): boolean {
    return this.connections.get(socket)?.refused === true;
  }

  private capConnections(socket: Duplex): void {
    if (this.sockets.size <= this.maxConnections) return;
    this.counters.refusedConnections += 1;
    this.connection(socket).refuse(
      new SlipwayError("unavailable", `There are ${this.maxConnections} connections already.`, { retryAfter: 1 }),
    );
  }

  private onParseError(caught: Error, socket: Duplex): void {
    const failure = parseFailure(caught);
    if (failure?.error.code === "requestTimeout") this.counters.slowClients += 1;
    else this.counters.clientErrors += 1;
    const connection = this.connection(socket);
    const current = connection.current;
    if (failure === undefined) {
      socket.destroy();
    } else if (current !== undefined && !current.received) {
      // It broke in the body of a request that has a handler: the handler's answer, or ours, is the last one.
      connection.refused = true;
      current.failBody(failure.error);
    } else {
      connection.refuse(failure.error, failure.status);
    }
  }

  private onRequest(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    this.counters.requests += 1;
    const connection = this.connection(request.socket);
    if (connection.refused) return;
    connection.inflight += 1;
    let exchange: Exchange;
    let refusal: unknown;
    try {
      const target = this.check.target(request);
      exchange = new Exchange(request, response, this.context, target, expectsContinue);
    } catch (error) {
      exchange = new Exchange(request, response, this.context, "/", false);
      refusal = error;
    }
    connection.current = exchange;
    response.once("close", () => {
      exchange.onClose();
      connection.release();
      // An answer whose head went out before the drain has kept its connection open.
      if (this.draining.signal.aborted) this.server.closeIdleConnections();
    });
    if (refusal !== undefined) {
      // How a misframed request ends is anyone's guess, so nothing after it is read.
      connection.refused = true;
      response.shouldKeepAlive = false;
      this.fail(exchange, refusal);
    } else if (connection.inflight > this.maxPipelined) {
      this.fail(
        exchange,
        new SlipwayError("overloaded", "Too many requests are under way on this connection.", { retryAfter: 1 }),
      );
    } else {
      this.dispatch(exchange, request);
    }
  }

  private dispatch(exchange: Exchange, request: IncomingMessage): void {
    try {
      if (request.headers.expect !== undefined && request.headers.expect.toLowerCase() !== "100-continue") {
        throw new SlipwayError("badRequest", "The only expectation supported is 100-continue.");
      }
      this.begin(exchange, this.router.match(exchange.method, exchange.path), request.headers.authorization);
    } catch (error) {
      this.fail(exchange, error);
    }
  }

  private begin(exchange: Exchange, match: Match, authorization: string | undefined): void {
    // Inside the platform this type marks a message that came over HTTP/2; nobody else may say so.
    if (exchange.headers["content-type"]?.startsWith("application/grpc")) {
      throw new SlipwayError("unsupportedMediaType", "gRPC is spoken over HTTP/2, and this request came over HTTP/1.1.");
    }
    exchange.params = match.params;
    if (match.route.access.type === "open") {
      this.run(exchange, match.route);
      return;
    }
    const user = this.options.authenticate?.(bearerToken(authorization, this.options.tokenHint));
    if (user instanceof Promise) {
      user.then((found) => this.runAs(exchange, match.route, found)).catch((error: unknown) => this.fail(exchange, error));
    } else {
      this.runAs(exchange, match.route, user);
    }
  }

  private runAs(exchange: Exchange, route: Route, user: User | undefined): void {
    exchange.user = user ?? this.nobody();
    this.run(exchange, route);
  }

  private run(exchange: Exchange, route: Route): void {
    exchange.route = route;
    const done = route.handler(exchange);
    if (done instanceof Promise) done.catch((error: unknown) => this.fail(exchange, error));
  }

  /** Answers with an error, or breaks the answer off when its head is out. Never throws. */
  private fail(exchange: Exchange, caught: unknown): void {
    const { log } = this.options;
    const error = SlipwayError.from(caught);
    if (error.code === "internal") {
      this.counters.serverErrors += 1;
      log.error("request failed", {
        request: exchange.requestId,
        method: exchange.method,
        path: exchange.path,
        error: error.cause ?? error,
      });
    } else if (error.httpStatus < 500) {
      this.counters.clientErrors += 1;
      if (error.code === "requestTimeout") this.counters.slowClients += 1;
    }
    if (exchange.left) return;
    if (exchange.answered) {
      log.warn("answer broken off", { request: exchange.requestId, error });
      exchange.cut();
      return;
    }
    const rendered = this.render(error, exchange);
    exchange.send(rendered.status ?? error.httpStatus, errorHeaders(error, exchange.requestId), JSON.stringify(rendered.body));
  }
}

function serverContext(tls: ServerCertificate) {
  const { cert, key } = "current" in tls ? tls.current : tls;
  return { cert, key, minVersion: "TLSv1.2" } as const;
}

/** The token of an Authorization header, RFC 6750. */
function bearerToken(authorization: string | undefined, hint = "Send it as: Authorization: Bearer TOKEN."): string {
  const match = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? "");
  if (match === null) {
    throw new SlipwayError("unauthenticated", "This needs a token.", { hint });
  }
  return match[1]!;
}
