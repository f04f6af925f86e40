import type { Duplex } from "node:stream";
import { SerialTable, SlipwayError } from "@slipway/base";
import { encodeError } from "./error-codec.ts";
import { FrameConnection, type FrameSession } from "./frame-connection.ts";
import { frameFlag, frameType } from "./frame-format.ts";
import type { FrameOptions } from "./frame-options.ts";
import type { FrameRequest } from "./frame-request.ts";
import { RequestHeadReader } from "./repeated-heads.ts";
import { ServerStream } from "./server-stream.ts";

/** How long a gateway may take to close a connection on which everything is answered, unless the options say. */
const defaultLingerMs = 1_000;

/** The replica's end of one frame connection. */
export interface FrameServer {
  /** Requests accepted and not yet answered to the end. */
  readonly inflight: number;
  /** Resolves with the reason when the connection has ended; never rejects. */
  readonly closed: Promise<SlipwayError>;
  /** Accepts no request after those seen so far and says so; the gateway sends later ones elsewhere. The connection ends once all are answered. */
  goAway(): void;
  /** {@link goAway}, and resolves when every accepted request is answered and the connection has ended. */
  drained(): Promise<void>;
  /** Ends the connection now; requests in flight are cancelled. */
  destroy(): void;
}

/** Serves requests that arrive as frames on `socket`; calls `handler` once per request, as soon as its head is there. A handler that throws fails its request only. */
export function serveFrames(socket: Duplex, handler: (request: FrameRequest) => void, options: FrameOptions): FrameServer {
  return new ServerSession(socket, handler, options);
}

class ServerSession implements FrameServer, FrameSession {
  readonly closed: Promise<SlipwayError>;
  private readonly connection: FrameConnection;
  private readonly handler: (request: FrameRequest) => void;
  private readonly options: FrameOptions;
  private readonly streams = new SerialTable<ServerStream>();
  private readonly resolveClosed: (reason: SlipwayError) => void;
  private readonly heads = new RequestHeadReader();
  private lastSeen = 0;
  /** Set once going away: later requests are not looked at. */
  private lastAccepted: number | undefined;
  private cancelLinger: (() => void) | undefined;

  constructor(socket: Duplex, handler: (request: FrameRequest) => void, options: FrameOptions) {
    this.handler = handler;
    this.options = options;
    const closed = Promise.withResolvers<SlipwayError>();
    this.closed = closed.promise;
    this.resolveClosed = closed.resolve;
    this.connection = new FrameConnection(socket, options, this);
  }

  get inflight(): number {
    return this.streams.size;
  }

  goAway(): void {
    if (this.lastAccepted !== undefined || this.connection.ended) return;
    this.lastAccepted = this.lastSeen;
    this.connection.writer.number(frameType.goAway, 0, this.lastAccepted);
    this.lingerWhenIdle();
  }

  async drained(): Promise<void> {
    this.goAway();
    await this.closed;
  }

  destroy(): void {
    this.connection.end(new SlipwayError("unavailable", "The replica closed the connection."));
  }

  opened(): void {}

  ended(reason: SlipwayError): void {
    this.cancelLinger?.();
    for (const stream of this.streams.all())
      stream.cancel(new SlipwayError("cancelled", "The gateway is gone.", { cause: reason }));
    this.resolveClosed(reason);
  }

  frame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === frameType.request) this.accept(stream, payload, (flags & frameFlag.end) !== 0);
    else if (type === frameType.cancel) this.find(stream)?.cancel(new SlipwayError("cancelled", "The caller gave up."));
    else throw new SlipwayError("badRequest", `A gateway does not send frames of type ${type}.`);
  }

  data(stream: number, chunk: Buffer, end: boolean): void {
    const request = this.find(stream);
    if (request === undefined) this.connection.taken(chunk.length);
    else request.body.receive(chunk, end);
  }

  credit(stream: number, bytes: number): void {
    this.find(stream)?.sender?.grant(bytes);
  }

  private accept(stream: number, payload: Buffer, end: boolean): void {
    if (stream <= this.lastSeen) throw new SlipwayError("badRequest", `Request ${stream} comes after request ${this.lastSeen}.`);
    this.lastSeen = stream;
    // The gateway learns from the go-away frame that this one was not begun.
    if (this.lastAccepted !== undefined) return;
    if (this.streams.size >= this.connection.limits.streams) {
      const reason = new SlipwayError("overloaded", `The replica takes ${this.connection.limits.streams} requests at once.`, {
        retryAfter: 1,
      });
      this.connection.writer.small(frameType.error, frameFlag.refused, stream, encodeError(reason));
      return;
    }
    const head = this.heads.read(payload);
    const request = new ServerStream(this.connection, stream, head, this.options.clock, () => this.remove(stream));
    this.streams.set(stream, request);
    if (end) request.body.receive(Buffer.alloc(0), true);
    try {
      this.handler(request);
    } catch (error) {
      request.fail(error);
    }
  }

  private find(stream: number): ServerStream | undefined {
    if (stream === 0 || stream > this.lastSeen) throw new SlipwayError("badRequest", `Request ${stream} has no head.`);
    return this.streams.get(stream);
  }

  private remove(stream: number): void {
    this.streams.delete(stream);
    this.lingerWhenIdle();
  }

  /** The gateway closes first, so that none of its frames crosses our end: a write to a closed socket would cost it answers it has not read. */
  private lingerWhenIdle(): void {
    if (this.lastAccepted === undefined || this.streams.size > 0 || this.connection.ended || this.cancelLinger !== undefined)
      return;
    this.cancelLinger = this.options.clock.after(this.options.lingerMs ?? defaultLingerMs, () => this.destroy());
  }
}
