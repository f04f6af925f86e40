import type { Duplex } from "node:stream";
import { SerialTable, SlipwayError } from "@slipway/base";
import { decodeError } from "./error-codec.ts";
import { ClientCall, type FrameCall, type FrameListener } from "./frame-call.ts";
import { FrameConnection, type FrameSession } from "./frame-connection.ts";
import { frameFlag, frameType, lastStream } from "./frame-format.ts";
import type { FrameRequestHead } from "./frame-heads.ts";
import type { FrameOptions } from "./frame-options.ts";
import { type FrameBodySource, isEmptyBody } from "./frame-request.ts";
import { ResponseHeadReader } from "./repeated-heads.ts";

const neither = { accepted: false, answered: false };

/** The gateway's end of one frame connection. */
export class FrameClient {
  /** Resolves when the peer's preface has come and fits; rejects when it does not, or the connection ends first. */
  readonly ready: Promise<void>;
  /** Resolves with the reason when the connection has ended; never rejects. */
  readonly closed: Promise<SlipwayError>;
  private readonly connection: FrameConnection;
  private readonly calls = new SerialTable<ClientCall>();
  private readonly heads = new ResponseHeadReader();
  private nextStream = 1;
  private lastAccepted: number | undefined;
  private closing = false;

  private readonly onGoAway: () => void;

  /** Takes over `socket`, connected or connecting. `onGoAway` is called when the replica will take no more requests here. */
  constructor(socket: Duplex, options: FrameOptions & { readonly onGoAway?: () => void }) {
    this.onGoAway = options.onGoAway ?? (() => {});
    const ready = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<SlipwayError>();
    this.ready = ready.promise;
    this.closed = closed.promise;
    // Whoever only watches `closed` must not crash over `ready`.
    ready.promise.catch(() => {});
    const session: FrameSession = {
      opened: () => ready.resolve(),
      frame: (type, flags, stream, payload) => this.frame(type, flags, stream, payload),
      data: (stream, chunk, end) => this.data(stream, chunk, end),
      credit: (stream, bytes) => this.calls.get(stream)?.sender?.grant(bytes),
      ended: (reason) => {
        ready.reject(reason);
        const calls = this.calls.all();
        this.calls.clear();
        for (const call of calls)
          call.lost(reason, { accepted: call.stream <= this.connection.writer.lastRequestWritten, answered: false });
        closed.resolve(reason);
      },
    };
    this.connection = new FrameConnection(socket, options, session);
  }

  /** Requests sent and not answered to the end. */
  get inflight(): number {
    return this.calls.size;
  }

  /** Whether a request would be taken now: connected, not going away, and below the peer's number of requests. */
  get available(): boolean {
    return this.connection.open && !this.goingAway && this.calls.size < this.connection.peer.streams;
  }

  /** Whether this connection takes no new request although it may still answer old ones. */
  get goingAway(): boolean {
    return this.closing || this.lastAccepted !== undefined || this.nextStream > lastStream;
  }

  /** Sends a request. Throws `tooLarge` or `badRequest` when its head does not fit a frame; all else reaches the listener, never before this returns. */
  request(head: FrameRequestHead, body: FrameBodySource | undefined, listener: FrameListener): FrameCall {
    if (!this.available) {
      const call = new ClientCall(this.connection, 0, listener, this.remove);
      const reason =
        this.connection.open && !this.goingAway
          ? "The replica has as many requests as it takes."
          : "The replica takes no requests.";
      queueMicrotask(() => call.lost(new SlipwayError("unavailable", reason), neither));
      return call;
    }
    const stream = this.nextStream;
    const empty = isEmptyBody(body);
    this.connection.writer.request(stream, head, empty);
    this.nextStream++;
    const call = new ClientCall(this.connection, stream, listener, this.remove);
    this.calls.set(stream, call);
    if (!empty) call.send(body);
    return call;
  }

  /** Calls `answered` when the replica's event loop answers; never when the connection ends first. */
  ping(answered: () => void): void {
    this.connection.ping(answered);
  }

  /** Takes no more requests, and ends the connection once those in flight are answered. */
  close(): void {
    this.closing = true;
    this.closeWhenIdle();
  }

  /** Ends the connection now; requests in flight are lost. */
  destroy(reason = new SlipwayError("unavailable", "The connection to the replica was given up.")): void {
    this.connection.end(reason);
  }

  private readonly remove = (stream: number): void => {
    if (this.calls.delete(stream)) this.closeWhenIdle();
  };

  private closeWhenIdle(): void {
    if (this.goingAway && this.calls.size === 0) {
      // Not before the cancel frames and credit of this turn were written; and never inside a callback of the caller.
      setImmediate(() => this.connection.end(new SlipwayError("unavailable", "The connection is not needed any more.")));
    }
  }

  private frame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === frameType.goAway) {
      this.goAway(payload.readUInt32BE(0));
      return;
    }
    if (type !== frameType.response && type !== frameType.error) {
      throw new SlipwayError("badRequest", `A replica does not send frames of type ${type}.`);
    }
    const call = this.find(stream);
    // An answer nobody waits for any more is dropped.
    if (call === undefined) return;
    if (type === frameType.response) call.head(this.heads.read(payload), (flags & frameFlag.end) !== 0);
    else call.lost(decodeError(payload), (flags & frameFlag.refused) === 0 ? { accepted: true, answered: true } : neither);
  }

  private data(stream: number, chunk: Buffer, end: boolean): void {
    const call = this.find(stream);
    if (call === undefined) this.connection.taken(chunk.length);
    else call.data(chunk, end);
  }

  private find(stream: number): ClientCall | undefined {
    if (stream === 0 || stream >= this.nextStream)
      throw new SlipwayError("badRequest", `The replica answers request ${stream}, which was never sent.`);
    return this.calls.get(stream);
  }

  private goAway(lastAccepted: number): void {
    this.lastAccepted = Math.min(this.lastAccepted ?? lastAccepted, lastAccepted);
    for (const call of this.calls.all()) {
      if (call.stream > lastAccepted) call.lost(new SlipwayError("unavailable", "The replica is going away."), neither);
    }
    this.onGoAway();
    this.closeWhenIdle();
  }
}
