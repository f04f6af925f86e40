import { SlipwayError } from "@slipway/base";
import { type FrameConnection, mostCredit, type WaitingBody } from "./frame-connection.ts";
import { dataBytes } from "./frame-format.ts";
import type { FrameBodySource } from "./frame-request.ts";

/** What happens when a body was sent, or its source failed. */
export interface BodySenderEvents {
  sent(): void;
  failed(error: unknown): void;
}

/** Sends one body within its own credit, the connection's, and the room of the socket. An iterable is only pulled when its last chunk has left. */
export class BodySender implements WaitingBody {
  private readonly connection: FrameConnection;
  private readonly stream: number;
  private readonly events: BodySenderEvents;
  private credit: number;
  private rest: Uint8Array | undefined;
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
    if (source instanceof Uint8Array) {
      this.rest = source;
      this.last = true;
      this.resume();
    } else void this.pull(source);
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
    const { connection, rest } = this;
    if (rest === undefined || this.stopped) return;
    let at = 0;
    for (;;) {
      const left = rest.length - at;
      const size = Math.min(left, dataBytes, this.credit, connection.sendCredit);
      if (left > 0 && (size === 0 || connection.writer.congested)) {
        this.rest = rest.subarray(at);
        // Without credit of its own, only grant() can help.
        if (this.credit > 0) connection.wait(this);
        return;
      }
      this.credit -= size;
      connection.sendCredit -= size;
      const end = this.last && size === left;
      if (end || size > 0) connection.writer.data(this.stream, rest.subarray(at, at + size), end);
      at += size;
      if (at === rest.length) break;
    }
    this.rest = undefined;
    if (this.last) this.events.sent();
    else this.wake?.();
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
    this.rest = new Uint8Array(0);
    this.last = true;
    this.resume();
  }
}
