import type { Duplex } from "node:stream";
import { type Clock, SlipwayError } from "@slipway/base";
import { decodeError, encodeError } from "./error-codec.ts";
import { frameType } from "./frame-format.ts";
import { defaultFrameLimits, type FrameLimits, type FrameOptions } from "./frame-options.ts";
import { FrameParser, type FrameSink } from "./frame-parser.ts";
import { FrameWriter } from "./frame-writer.ts";
import { decodePreface, encodePreface, prefaceBytes } from "./preface.ts";
import { ReceiveWindow } from "./receive-window.ts";

/** How long an ended connection may take to send its last bytes. */
const lingerMs = 1_000;

/** The most credit a peer may add up to; far above any window. */
export const mostCredit = 2 ** 40;

/** What the two kinds of session do with a connection's events. */
export interface FrameSession {
  /** The peer's preface fits. */
  opened(): void;
  frame(type: number, flags: number, stream: number, payload: Buffer): void;
  data(stream: number, chunk: Buffer, end: boolean): void;
  credit(stream: number, bytes: number): void;
  /** The connection has ended; called once. */
  ended(reason: SlipwayError): void;
}

/** A body that waits for credit or for the socket. */
export interface WaitingBody {
  resume(): void;
}

/** What both ends of a frame connection share: preface, parsing, coalesced writing, connection-wide credit, ping, and one way to end. */
export class FrameConnection implements FrameSink {
  readonly writer: FrameWriter;
  readonly limits: FrameLimits;
  /** What the peer allows, from its preface. */
  peer: FrameLimits = { streamWindow: 0, connectionWindow: 0, streams: 0 };
  open = false;
  ended = false;
  /** Bytes of bodies that may still be sent on this connection. */
  sendCredit = 0;
  private readonly socket: Duplex;
  private readonly clock: Clock;
  private readonly session: FrameSession;
  private readonly parser: FrameParser;
  private readonly window: ReceiveWindow;
  private readonly waiting = new Set<WaitingBody>();
  private preface: Buffer | undefined = Buffer.alloc(0);
  private pings: (() => void)[] = [];

  constructor(socket: Duplex, options: FrameOptions, session: FrameSession) {
    this.socket = socket;
    this.clock = options.clock;
    this.session = session;
    this.limits = { ...defaultFrameLimits, ...options.limits };
    this.window = new ReceiveWindow(this.limits.connectionWindow);
    this.parser = new FrameParser(this);
    this.writer = new FrameWriter(socket, () => this.wake());
    this.writer.raw(encodePreface(this.limits));
    socket.on("data", (chunk: Buffer) => this.read(chunk));
    socket.on("end", () => this.end(new SlipwayError("unavailable", "The peer closed the connection.")));
    socket.on("close", () => this.end(new SlipwayError("unavailable", "The connection was closed.")));
    socket.on("error", (cause) => this.end(new SlipwayError("unavailable", "The connection was lost.", { cause })));
    if (socket.destroyed) queueMicrotask(() => this.end(new SlipwayError("unavailable", "The connection was closed.")));
  }

  /** Puts a body into the line of those that go on when there is credit or room. */
  wait(body: WaitingBody): void {
    this.waiting.add(body);
  }

  /** Takes a body out of the line. */
  forget(body: WaitingBody): void {
    this.waiting.delete(body);
  }

  /** Body bytes were taken by their reader, or dropped. */
  taken(bytes: number): void {
    const credit = this.window.take(bytes);
    if (credit > 0 && !this.ended) this.writer.number(frameType.credit, 0, credit);
  }

  /** Calls `answered` when the peer answers; never when the connection ends first. */
  ping(answered: () => void): void {
    this.pings.push(answered);
    this.writer.small(frameType.ping, 0, 0, Buffer.alloc(8));
  }

  /** Ends the connection because of what the peer did; tells it why. */
  fail(reason: SlipwayError): void {
    if (this.ended) return;
    this.writer.small(frameType.error, 0, 0, encodeError(reason));
    this.writer.flush();
    this.end(reason);
  }

  /** Ends the connection; what was written still leaves where the peer reads it. */
  end(reason: SlipwayError): void {
    if (this.ended) return;
    this.ended = true;
    this.open = false;
    this.parser.stop();
    this.waiting.clear();
    this.writer.flush();
    this.closeSocket();
    this.session.ended(reason);
  }

  frame(type: number, flags: number, stream: number, payload: Buffer): void {
    switch (type) {
      case frameType.credit:
        this.addCredit(stream, payload.readUInt32BE(0));
        return;
      case frameType.ping:
        this.writer.small(frameType.pong, 0, 0, payload);
        return;
      case frameType.pong:
        this.pings.shift()?.();
        return;
      case frameType.error:
        if (stream !== 0) break;
        this.end(decodeError(payload));
        return;
    }
    this.session.frame(type, flags, stream, payload);
  }

  data(stream: number, chunk: Buffer, end: boolean): void {
    this.window.receive(chunk.length);
    this.session.data(stream, chunk, end);
  }

  /** What was written may still leave, but a peer that does not read it must not keep the socket. */
  private closeSocket(): void {
    const { socket } = this;
    if (socket.destroyed || socket.writableLength === 0) {
      socket.destroy();
      return;
    }
    const cancel = this.clock.after(lingerMs, () => socket.destroy());
    socket.end(() => {
      cancel();
      socket.destroy();
    });
  }

  private addCredit(stream: number, bytes: number): void {
    if (bytes === 0) throw new SlipwayError("badRequest", "A credit frame gives nothing.");
    if (stream !== 0) {
      this.session.credit(stream, bytes);
      return;
    }
    this.sendCredit += bytes;
    if (this.sendCredit > mostCredit) throw new SlipwayError("badRequest", "The peer gave more credit than any window.");
    this.wake();
  }

  /** Lets waiting bodies go on, first come first served; one that has to wait again goes to the end of the line. */
  private wake(): void {
    for (const body of [...this.waiting]) {
      if (this.sendCredit === 0 || this.writer.congested) return;
      this.waiting.delete(body);
      body.resume();
    }
  }

  private read(chunk: Buffer): void {
    if (this.ended) return;
    try {
      const rest = this.preface === undefined ? chunk : this.readPreface(this.preface, chunk);
      if (rest.length > 0) this.parser.push(rest);
    } catch (error) {
      this.fail(SlipwayError.from(error));
    }
  }

  private readPreface(before: Buffer, chunk: Buffer): Buffer {
    const bytes = before.length === 0 ? chunk : Buffer.concat([before, chunk]);
    if (bytes.length < prefaceBytes) {
      this.preface = bytes;
      return bytes.subarray(bytes.length);
    }
    this.preface = undefined;
    this.peer = decodePreface(bytes.subarray(0, prefaceBytes)).limits;
    this.sendCredit = this.peer.connectionWindow;
    this.open = true;
    this.session.opened();
    return bytes.subarray(prefaceBytes);
  }
}
