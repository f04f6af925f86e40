import { type ByteBudget, type Clock, type Log, SlipwayError } from "@slipway/base";
import {
  type AllowedHosts,
  type Exchange,
  type Handler,
  type HttpServer,
  type Limits,
  loopbackHosts,
  metricsType,
  type Route,
  type ServerCertificate,
  startHttpServer,
} from "@slipway/http";
import { binaryHeader, binaryHeaderLength, inferErrorBody, openaiErrorBody, renderServerMetadata } from "@slipway/protocol";
import { answerEncoding, compressAnswer } from "../replica/compress-answer.ts";
import type { Operation } from "../replica/inference-call.ts";
import type { InferenceTarget } from "../replica/inference-target.ts";
import { LoadableModel } from "../repository/loadable-model.ts";
import { freeBody, freeOutputs } from "../runners/own-memory.ts";
import { defaultBodyBudget } from "./body-budget.ts";
import { loadGrpcMethods } from "./grpc-backend.ts";
import { isOpenaiPath, openaiRoutes } from "./openai-routes.ts";
import { repositoryRoutes } from "./repository-routes.ts";

/** What {@link serveHttp} needs. */
export interface HttpListenerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** What to do when the port is taken, one sentence. */
  readonly portHint?: string;
  /** Names the listener answers for. Default: those of loopback. */
  readonly allowedHosts?: AllowedHosts;
  /** Largest request body in bytes. Default 64 MiB. */
  readonly bodyLimit?: number;
  /** What request bodies may hold together; default 256 MiB, or twice the largest. */
  readonly bodyBudget?: ByteBudget;
  /** The certificate to speak TLS with, and its key; followed when they change. Absent: cleartext. */
  readonly tls?: ServerCertificate;
  /** What `GET /metrics` answers with; absent: nothing is there. */
  readonly metrics?: { render(): string };
  /** For server metadata: the version of Slipway. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

const defaultBodyLimit = 64 * 1024 * 1024;
const bodyMs = 60_000;
const json = { "content-type": "application/json" } as const;
const empty = new Uint8Array(0);

/** Serves one model over OIP v2, REST and gRPC on one port, without a gateway: what `slipway serve` and an image run. A {@link LoadableModel} is also a repository of one. Throws `conflict` when the port is taken. */
export function serveHttp(target: InferenceTarget, options: HttpListenerOptions): Promise<HttpServer> {
  const {
    host = "127.0.0.1",
    port,
    portHint,
    allowedHosts = loopbackHosts,
    bodyLimit = defaultBodyLimit,
    tls,
    clock,
    log,
  } = options;
  return startHttpServer({
    routes: oipRoutes(target, options),
    listen: { host, port, ...(portHint === undefined ? {} : { portHint }) },
    allowedHosts,
    bodyBudget: options.bodyBudget ?? defaultBodyBudget(bodyLimit),
    grpc: { load: () => loadGrpcMethods(target, options), messageBytes: bodyLimit, messageMs: bodyMs },
    ...(tls === undefined ? {} : { tls }),
    clock,
    log,
    renderError: (error, exchange) => ({ body: isOpenaiPath(exchange?.path) ? openaiErrorBody(error) : inferErrorBody(error) }),
  });
}

/** The routes of {@link serveHttp}. */
export function oipRoutes(target: InferenceTarget, options: HttpListenerOptions): Route[] {
  const access = { type: "open" } as const;
  const noBody: Limits = { bodyBytes: 0, bodyMs: 10_000 };
  const inferBody: Limits = { bodyBytes: options.bodyLimit ?? defaultBodyLimit, bodyMs };
  const get = (path: string, handler: Handler): Route => ({ method: "GET", path, access, limits: noBody, handler });
  const post = (path: string, handler: Handler): Route => ({
    method: "POST",
    path,
    access,
    limits: inferBody,
    encodedBodies: "inflate",
    handler,
  });
  const repository = target instanceof LoadableModel ? repositoryRoutes(target) : [];
  const server = renderServerMetadata(options.version, repository.length > 0);
  const model = (path: string): Route[] => [
    get(path, (exchange) => answer(target, exchange, "metadata")),
    get(`${path}/ready`, (exchange) => answer(target, exchange, "ready")),
    post(`${path}/infer`, (exchange) => answer(target, exchange, "infer")),
  ];
  return [
    get("/v2", (exchange) => exchange.send(200, json, server)),
    get("/v2/health/live", (exchange) => exchange.sendJson(200, { live: true })),
    get("/v2/health/ready", (exchange) => sendReady(target, exchange)),
    ...model("/v2/models/:model"),
    ...model("/v2/models/:model/versions/:revision"),
    ...repository,
    ...openaiRoutes(target, options.clock),
    ...metricsRoute(get, options.metrics),
  ];
}

function metricsRoute(get: (path: string, handler: Handler) => Route, metrics: HttpListenerOptions["metrics"]): Route[] {
  if (metrics === undefined) return [];
  return [get("/metrics", (exchange) => exchange.send(200, { "content-type": metricsType }, Buffer.from(metrics.render())))];
}

function sendReady(target: InferenceTarget, exchange: Exchange): void {
  const reason = target.notReady();
  if (reason !== undefined) throw new SlipwayError("unavailable", reason, { retryAfter: 1 });
  exchange.sendJson(200, { ready: true });
}

async function answer(target: InferenceTarget, exchange: Exchange, operation: Operation): Promise<void> {
  const body = operation === "infer" ? (exchange.presentBody() ?? (await readBody(exchange))) : empty;
  const { model, revision } = exchange.params;
  const plain = await target.handle({
    model: model!,
    ...(revision === undefined ? {} : { revision }),
    operation,
    headers: exchange.headers,
    body,
    caller: new HttpCaller(exchange),
  });
  const encoding = answerEncoding(plain, exchange.headers["accept-encoding"], exchange.local);
  const { status, headers, body: reply } = encoding === undefined ? plain : await compressAnswer(plain, encoding);
  exchange.send(status, headers, reply);
  freeBody(body);
  if (Array.isArray(reply)) exchange.whenSent(() => freeOutputs(reply));
}

/** The body, placed such that its tensors can be used where they are. */
function readBody(exchange: Exchange): Promise<Buffer> {
  return exchange.readBody({ alignAt: binaryHeaderLength(exchange.headers[binaryHeader]) });
}

/** An HTTP client waits until it closes its connection; it has no way to say a deadline. */
class HttpCaller {
  readonly deadlineAt = undefined;
  private readonly exchange: Exchange;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }

  get cancelled(): boolean {
    return this.exchange.left;
  }
}
