import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { constants } from "node:http2";
import { type ByteBudget, type Clock, HeldBytes, SlipwayError } from "@slipway/base";
import type { User } from "../route/route.ts";
import type { GrpcCall, GrpcMethod, MessageBytes, MessageStream } from "./grpc-method.ts";
import { grpcTimeout } from "./grpc-timeout.ts";
import { grpcTrailers } from "./grpc-trailers.ts";
import { acceptedEncodings, checkEncoding, inflateMessage } from "./inflate-message.ts";
import { malformedCall } from "./malformed-call.ts";
import { MessageReader, prefixBytes } from "./message-reader.ts";

/** What every call of one server shares. */
export interface CallContext {
  readonly clock: Clock;
  readonly closing: AbortSignal;
  readonly messageBytes: number;
  readonly messageMs: number;
  /** What bodies of requests may hold together, over HTTP and gRPC. */
  readonly bodyBudget: ByteBudget | undefined;
  /** Milliseconds a reader may take for nothing, and bytes per second it must take at least. */
  readonly stallMs: number;
  readonly floorBytesPerSecond: number;
  readonly onSlowClient: () => void;
  readonly authenticate: (metadata: IncomingHttpHeaders) => Promise<User>;
}

/** Messages up to this size are sent in one piece with their prefix. */
const joinedBytes = 16 * 1024;

const head: OutgoingHttpHeaders = {
  ":status": 200,
  "content-type": "application/grpc+proto",
  "grpc-accept-encoding": acceptedEncodings,
};

/** One call over one HTTP/2 stream. */
export class ServerCall implements GrpcCall {
  readonly metadata: IncomingHttpHeaders;
  readonly method: GrpcMethod;
  readonly deadlineAt: number | undefined;
  user: User | undefined = undefined;
  private readonly stream: ServerHttp2Stream;
  private readonly context: CallContext;
  private readonly reader: MessageReader;
  private aborter: AbortController | undefined;
  private reason: SlipwayError | undefined;
  private finished = false;
  private trailers: OutgoingHttpHeaders = {};
  /** Bytes still owed of a message that was begun. */
  private owed = 0;
  private cancelDeadline: () => void = () => {};
  /** When the message that is read now must be whole. */
  private messageDue: number | undefined;
  private wake: () => void = () => {};
  /** What its messages take of the budget. */
  private readonly held: HeldBytes;

  /** Throws `badRequest` or `unimplemented` when the metadata cannot be understood. */
  constructor(stream: ServerHttp2Stream, metadata: IncomingHttpHeaders, method: GrpcMethod, context: CallContext) {
    this.stream = stream;
    this.metadata = metadata;
    this.method = method;
    this.context = context;
    this.reader = new MessageReader(context.messageBytes);
    this.held = new HeldBytes(context.bodyBudget);
    const timeout = grpcTimeout(metadata["grpc-timeout"]);
    checkEncoding(metadata["grpc-encoding"]);
    this.deadlineAt = timeout === undefined ? undefined : context.clock.monotonic() + timeout;
    if (timeout !== undefined) this.cancelDeadline = context.clock.after(timeout, () => this.expire());
    const onEvent = () => this.wake();
    stream.on("readable", onEvent).on("end", onEvent);
    stream.once("close", () => {
      this.cancelDeadline();
      this.held.release();
      if (!this.finished) this.leave(new SlipwayError("cancelled", "The caller gave up."));
      this.wake();
    });
    if (!method.manyRequests) this.messageDue = context.clock.monotonic() + context.messageMs;
    else context.closing.addEventListener("abort", onEvent, { signal: this.signal });
  }

  get left(): boolean {
    return this.reason !== undefined;
  }

  get signal(): AbortSignal {
    if (this.aborter === undefined) {
      this.aborter = new AbortController();
      if (this.reason !== undefined) this.aborter.abort(this.reason);
    }
    return this.aborter.signal;
  }

  get closing(): AbortSignal {
    return this.context.closing;
  }

  authenticate(): Promise<User> {
    return this.context.authenticate(this.metadata);
  }

  async message(): Promise<Buffer> {
    const message = await this.next();
    if (message === undefined) throw malformedCall("The call has no message.");
    if ((await this.next()) === undefined) return message;
    throw malformedCall("The call has more than one message.");
  }

  async next(): Promise<Buffer | undefined> {
    const { stream, reader, context } = this;
    for (;;) {
      if (this.reason !== undefined) throw this.reason;
      const received = reader.take();
      if (received !== undefined) {
        if (this.method.manyRequests) {
          this.messageDue = undefined;
          // Who answers it bounds how many messages of a stream are held from here on.
          this.held.release();
        }
        if (!received.compressed) return received.bytes;
        return await inflateMessage(received.bytes, this.metadata["grpc-encoding"], context.messageBytes);
      }
      const chunk = stream.read() as Buffer | null;
      if (chunk !== null) {
        this.held.hold(chunk.length);
        reader.add(chunk);
        this.messageDue ??= context.clock.monotonic() + context.messageMs;
      } else if (stream.readableEnded) {
        reader.end();
        return undefined;
      } else {
        await this.readable();
      }
    }
  }

  send(message: MessageBytes): Promise<void> {
    const pieces = Array.isArray(message) ? (message as readonly Uint8Array[]) : [message as Uint8Array];
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (this.reason !== undefined) return Promise.reject(this.reason);
    this.open();
    if (length <= joinedBytes) return this.written(this.stream.write(Buffer.concat([prefix(length), ...pieces])));
    this.stream.cork();
    let taken = this.stream.write(prefix(length));
    for (const piece of pieces) taken = this.stream.write(piece);
    this.stream.uncork();
    return this.written(taken);
  }

  begin(length: number): MessageStream {
    if (this.reason === undefined) {
      this.open();
      this.stream.write(prefix(length));
      this.owed = length;
    }
    return {
      write: (chunk) => {
        if (this.reason !== undefined) return Promise.reject(this.reason);
        this.owed -= chunk.length;
        return this.written(this.stream.write(chunk));
      },
    };
  }

  /** The server's: ends the call, with an error or well. A message that is not whole is broken off so that the caller sees it. */
  finish(error?: SlipwayError): void {
    if (this.finished || this.reason !== undefined) return;
    const { stream } = this;
    this.finished = true;
    this.cancelDeadline();
    this.held.release();
    if (stream.destroyed) return;
    if (this.owed !== 0) {
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      return;
    }
    const trailers = grpcTrailers(error);
    if (stream.headersSent) {
      this.trailers = trailers;
      stream.end();
      if (!stream.closed) stream.once("close", this.watchStall(stream.writableLength));
    } else {
      stream.respond({ ...head, ...trailers }, { endStream: true });
    }
    this.endReading();
  }

  private open(): void {
    const { stream } = this;
    if (stream.headersSent) return;
    stream.respond(head, { waitForTrailers: true });
    stream.once("wantTrailers", () => {
      stream.sendTrailers(this.trailers);
      this.endReading();
    });
  }

  /** The caller may still be sending; whoever has its status need not. */
  private endReading(): void {
    const { stream } = this;
    if (stream.readableEnded || stream.destroyed) return;
    stream.resume();
    if (this.finished && (stream.sentTrailers !== undefined || stream.writableFinished)) {
      setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
    }
  }

  private expire(): void {
    const error = new SlipwayError("timeout", "The call was not answered before its deadline.");
    this.finish(error);
    this.leave(error);
  }

  private leave(reason: SlipwayError): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.aborter?.abort(reason);
    this.wake();
  }

  /** Resolves when there is something to read, or never will be. Rejects when that takes too long, or the server drains between two messages. */
  private readable(): Promise<void> {
    const { clock, closing } = this.context;
    if (closing.aborted && this.method.manyRequests && !this.reader.begun) throw stopping();
    return new Promise((resolve, reject) => {
      const cancel =
        this.messageDue === undefined
          ? () => {}
          : clock.after(Math.max(0, this.messageDue - clock.monotonic()), () => {
              this.wake = () => {};
              this.context.onSlowClient();
              reject(new SlipwayError("requestTimeout", `The message did not arrive within ${this.context.messageMs} ms.`));
            });
      this.wake = () => {
        this.wake = () => {};
        cancel();
        resolve();
      };
    });
  }

  private written(taken: boolean): Promise<void> {
    if (taken) return Promise.resolve();
    const { stream } = this;
    return new Promise((resolve, reject) => {
      const endWatch = this.watchStall(stream.writableLength);
      const settle = () => {
        endWatch();
        stream.off("drain", settle).off("close", settle);
        if (stream.destroyed) reject(this.reason ?? new SlipwayError("cancelled", "The caller gave up."));
        else resolve();
      };
      stream.on("drain", settle).on("close", settle);
    });
  }

  private watchStall(bytes: number): () => void {
    const { clock, stallMs, floorBytesPerSecond } = this.context;
    return clock.after(stallMs + (bytes / floorBytesPerSecond) * 1_000, () => {
      this.context.onSlowClient();
      this.stream.close(constants.NGHTTP2_CANCEL);
    });
  }
}

function prefix(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes);
  bytes[0] = 0;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

function stopping(): SlipwayError {
  return new SlipwayError("unavailable", "The server is stopping.", { retryAfter: 1, hint: "Call again." });
}
