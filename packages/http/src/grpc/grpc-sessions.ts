import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Duplex } from "node:stream";
import { type ByteBudget, type Clock, type Log, SlipwayError } from "@slipway/base";
import type { User } from "../route/route.ts";
import type { HttpCounters } from "../server/http-server.ts";
import type { GrpcMethod } from "./grpc-method.ts";
import { grpcTrailers } from "./grpc-trailers.ts";
import { type CallContext, ServerCall } from "./server-call.ts";

/** What {@link GrpcSessions} needs of the server whose connections it takes over. */
export interface GrpcSessionsOptions {
  readonly methods: readonly GrpcMethod[];
  readonly messageBytes: number;
  readonly messageMs: number;
  readonly bodyBudget: ByteBudget | undefined;
  readonly stallMs: number;
  readonly floorBytesPerSecond: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: HttpCounters;
  readonly closing: AbortSignal;
  /** Whether clients are to connect anew, elsewhere. */
  readonly sendingAway: () => boolean;
  /** Who a token belongs to; undefined = nobody. */
  readonly authenticate: (metadata: IncomingHttpHeaders) => Promise<User>;
  /** Throws `misdirected` when the server does not answer for this name. */
  readonly checkAuthority: (authority: string | undefined, origin: string | undefined) => void;
}

/** Without a call for so long a connection is closed; clients open another when they need one. */
const idleMs = 5 * 60_000;
/** Calls at once on one connection; a client keeps more to itself until there is room. */
const mostStreams = 256;

/** Metadata of one call, as HTTP/2 counts it. */
const mostHeaderBytes = 16 * 1024;

/** What one connection may cost. Node's own defaults bound the rest: resets, settings and pings in a row. */
const sessionLimits = {
  settings: {
    maxConcurrentStreams: mostStreams,
    maxHeaderListSize: mostHeaderBytes,
    initialWindowSize: 1024 * 1024,
    enablePush: false,
  },
  maxHeaderListPairs: 128,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  /** Megabytes, above all of answers that are not read. */
  maxSessionMemory: 256,
};
/** Bytes that a client may send ahead over all its calls. */
const connectionWindow = 4 * 1024 * 1024;

/** The HTTP/2 connections of a server, and the calls on them. */
export class GrpcSessions {
  private readonly options: GrpcSessionsOptions;
  private readonly methods: ReadonlyMap<string, GrpcMethod>;
  private readonly context: CallContext;
  private readonly sessions = new Set<ServerHttp2Session>();

  constructor(options: GrpcSessionsOptions) {
    this.options = options;
    this.methods = new Map(options.methods.map((method) => [method.path, method]));
    this.context = {
      ...options,
      onSlowClient: () => {
        options.counters.slowClients += 1;
      },
    };
    options.closing.addEventListener("abort", () => this.sendAway());
  }

  /** Takes over a connection whose client speaks HTTP/2; nothing of what it sent may be lost. */
  accept(socket: Duplex): void {
    const { clock, counters, log, closing } = this.options;
    // Node's HTTP/1.1 servers keep a connection whose client has said its last. A client of HTTP/2 that does so is gone.
    socket.allowHalfOpen = false;
    const session = performServerHandshake(socket, sessionLimits);
    this.sessions.add(session);
    session.setLocalWindowSize(connectionWindow);
    let streams = 0;
    let cancelIdle = clock.after(idleMs, () => session.close());
    session.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      streams += 1;
      cancelIdle();
      stream.once("close", () => {
        streams -= 1;
        if (streams === 0 && !session.closed) cancelIdle = clock.after(idleMs, () => session.close());
      });
      stream.on("error", (error) => log.debug("stream failed", { error }));
      this.onStream(stream, headers);
      if (this.options.sendingAway()) session.close();
    });
    session.on("error", (error) => {
      counters.clientErrors += 1;
      log.debug("connection failed", { error });
    });
    session.once("close", () => {
      cancelIdle();
      this.sessions.delete(session);
    });
    if (closing.aborted) session.close();
  }

  /** Tells every client to connect anew for its next call; those under way go on. One that it sent meanwhile was not begun, as the GOAWAY frame says, and its library sends it again. */
  sendAway(): void {
    for (const session of this.sessions) session.close();
  }

  private onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const { counters } = this.options;
    counters.requests += 1;
    const contentType = headers["content-type"];
    if (headers[":method"] !== "POST" || contentType === undefined || !/^application\/grpc(\+proto)?(;|$)/i.test(contentType)) {
      counters.clientErrors += 1;
      refuseOther(stream, headers[":method"] === "POST" ? 415 : 405);
      return;
    }
    let call: ServerCall;
    try {
      this.options.checkAuthority(headers[":authority"] ?? headers.host, headers.origin);
      if (headerBytes(headers) > mostHeaderBytes) {
        throw new SlipwayError("tooLarge", `The call's metadata is larger than ${mostHeaderBytes} bytes.`);
      }
      const method = this.methods.get(headers[":path"] ?? "");
      if (method === undefined) throw new SlipwayError("unimplemented", "There is no such method here.");
      call = new ServerCall(stream, headers, method, this.context);
    } catch (error) {
      counters.clientErrors += 1;
      stream.respond(
        { ":status": 200, "content-type": "application/grpc+proto", ...grpcTrailers(SlipwayError.from(error)) },
        { endStream: true },
      );
      endUnread(stream);
      return;
    }
    this.run(call).catch((error: unknown) => this.fail(call, error));
  }

  private async run(call: ServerCall): Promise<void> {
    const { method } = call;
    if (method.access.type === "token") call.user = await call.authenticate();
    await method.handler(call);
    call.finish();
  }

  private fail(call: ServerCall, caught: unknown): void {
    const { counters, log } = this.options;
    const error = SlipwayError.from(caught);
    if (error.httpStatus < 500) {
      counters.clientErrors += 1;
    } else if (error.code === "internal") {
      counters.serverErrors += 1;
      log.error("call failed", { method: call.method.path, error: error.cause ?? error });
    }
    call.finish(error);
  }
}

/** The size of a header list, RFC 9113 section 6.5.2. Node enforces the limit only once a client has confirmed it. */
function headerBytes(headers: IncomingHttpHeaders): number {
  let size = 0;
  for (const name in headers) size += name.length + String(headers[name]).length + 32;
  return size;
}

/** What is not gRPC gets an answer of HTTP. */
function refuseOther(stream: ServerHttp2Stream, status: 405 | 415): void {
  const error =
    status === 415
      ? "The content type is not application/grpc. Over HTTP/2 only gRPC is spoken here; use HTTP/1.1 for everything else."
      : "The method must be POST. Over HTTP/2 only gRPC is spoken here; use HTTP/1.1 for everything else.";
  const allow = status === 405 ? { allow: "POST" } : {};
  stream.respond({ ":status": status, "content-type": "application/json", ...allow });
  stream.end(JSON.stringify({ error }));
  endUnread(stream);
}

/** The rest of a request that nobody reads is not sent for nothing. */
function endUnread(stream: ServerHttp2Stream): void {
  stream.resume();
  if (stream.readableEnded) return;
  const end = () => stream.close(constants.NGHTTP2_NO_ERROR);
  if (stream.writableFinished) setImmediate(end);
  else stream.once("finish", () => setImmediate(end));
}
