import { SlipwayError } from "@slipway/base";
import { type FrameConnection, mostCredit, type WaitingBody } from "./frame-connection.ts";
import { dataBytes } from "./frame-format.ts";
import type { FrameBodySource } from "./frame-request.ts";

/** Sends a body that is one piece and may leave at once, as most do; false when it needs a {@link BodySender}. */
export function sendAtOnce(connection: FrameConnection, stream: number, body: FrameBodySource): boolean {
  if (!(body instanceof Uint8Array)) return false;
  const { length } = body;
  if (length > dataBytes || length > connection.peer.streamWindow || length > connection.sendCredit) return false;
  if (connection.writer.congested) return false;
  connection.sendCredit -= length;
  connection.writer.data(stream, body, true);
  return true;
}

/** What happens when a body was sent, or its source failed. */
export interface BodySenderEvents {
  sent(): void;
  failed(error: unknown): void;
}

const nothing = new Uint8Array(0);

/** Sends one body within its own credit, the connection's, and the room of the socket. An iterable is only pulled when its last chunk has left. */
export class BodySender implements WaitingBody {
  private readonly connection: FrameConnection;
  private readonly stream: number;
  private readonly events: BodySenderEvents;
  private credit: number;
  private rest: Uint8Array | undefined;
  /** Pieces after {@link rest}, from the last to the next. */
  private readonly following: Uint8Array[] = [];
  private last = false;
  private stopped = false;
  private wake: (() => void) | undefined;

  constructor(connection: FrameConnection, stream: number, events: BodySenderEvents) {
    this.connection = connection;
    this.stream = stream;
    this.events = events;
    this.credit = connection.peer.streamWindow;
  }

  start(source: FrameBodySource): void {
    if (source instanceof Uint8Array) this.sendAll([source]);
    else if (Array.isArray(source)) this.sendAll(source);
    else void this.pull(source as AsyncIterable<Uint8Array>);
  }

  /** The peer takes more of this body. */
  grant(bytes: number): void {
    this.credit += bytes;
    if (this.credit > mostCredit) throw new SlipwayError("badRequest", "The peer gave more credit than any window.");
    if (this.rest !== undefined) this.resume();
  }

  /** Sends no more; an iterable is told to return. */
  stop(): void {
    this.stopped = true;
    this.rest = undefined;
    this.connection.forget(this);
    this.wake?.();
  }

  /** Sends what may be sent now. */
  resume(): void {
    while (this.rest !== undefined && !this.stopped && this.sendPiece(this.rest)) {
      this.rest = this.following.pop();
      if (this.rest !== undefined) continue;
      if (this.last) this.events.sent();
      else this.wake?.();
    }
  }

  private sendAll(pieces: readonly Uint8Array[]): void {
    for (let index = pieces.length - 1; index >= 0; index -= 1) {
      const piece = pieces[index]!;
      if (piece.length > 0) this.following.push(piece);
    }
    this.rest = this.following.pop() ?? nothing;
    this.last = true;
    this.resume();
  }

  /** Whether all of it was sent; what was not stays as the rest. */
  private sendPiece(rest: Uint8Array): boolean {
    const { connection } = this;
    const lastPiece = this.last && this.following.length === 0;
    let at = 0;
    for (;;) {
      const left = rest.length - at;
      const size = Math.min(left, dataBytes, this.credit, connection.sendCredit);
      if (left > 0 && (size === 0 || connection.writer.congested)) {
        this.rest = rest.subarray(at);
        // Without credit of its own, only grant() can help.
        if (this.credit > 0) connection.wait(this);
        return false;
      }
      this.credit -= size;
      connection.sendCredit -= size;
      const end = lastPiece && size === left;
      if (end || size > 0) connection.writer.data(this.stream, rest.subarray(at, at + size), end);
      at += size;
      if (at === rest.length) return true;
    }
  }

  private async pull(source: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of source) {
        if (this.stopped) return;
        if (chunk.length === 0) continue;
        this.rest = chunk;
        this.resume();
        if (this.rest !== undefined) await new Promise<void>((resolve) => (this.wake = resolve));
        if (this.stopped) return;
      }
    } catch (error) {
      if (!this.stopped) this.events.failed(error);
      return;
    }
    if (this.stopped) return;
    this.sendAll([]);
  }
}
