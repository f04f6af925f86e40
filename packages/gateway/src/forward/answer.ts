import { SlipwayError } from "@slipway/base";
import type { FrameCall, FrameResponseHead } from "@slipway/protocol";
import type { AnswerStream, ForwardingClient } from "./forwarding-client.ts";
import { headersToClient } from "./passed-headers.ts";

/** What happens to an answer on its way to the client. */
export interface AnswerEvents {
  /** All of it has been handed to the client's connection. */
  done(): void;
  /** It cannot be completed: the client left, or the replica's bytes do not fit its own head. */
  broken(): void;
}

/**
 * Passes one replica's answer to the client. What comes whole in one turn of the event loop is sent whole; the rest is streamed at the
 * client's pace: while a write waits, the replica gets no more credit.
 */
export class Answer {
  private readonly exchange: ForwardingClient;
  private readonly events: AnswerEvents;
  private call: FrameCall | undefined;
  private head: FrameResponseHead | undefined;
  private chunks: Buffer[] = [];
  private stream: AnswerStream | undefined;
  private ended = false;
  private writing = false;
  private dropped = false;
  /** Bytes the replica's content-length still promises. */
  private promised: number | undefined;

  constructor(exchange: ForwardingClient, events: AnswerEvents) {
    this.exchange = exchange;
    this.events = events;
  }

  /** Whether a byte may have reached the client. */
  get begun(): boolean {
    return this.stream !== undefined;
  }

  /** The request this answers; its pace is governed through it. */
  follow(call: FrameCall): void {
    this.call = call;
  }

  onHead(head: FrameResponseHead): void {
    this.head = head;
    // Most answers are whole before this turn ends: they need no stream.
    setImmediate(() => this.begin());
  }

  onData(chunk: Buffer): void {
    this.chunks.push(chunk);
    if (this.stream !== undefined) this.pump();
  }

  onEnd(): void {
    this.ended = true;
    if (this.stream === undefined) this.sendWhole();
    else this.pump();
  }

  /** Nothing of this answer is sent any more; what was begun is broken off so that the client sees it. */
  drop(): void {
    this.dropped = true;
    this.chunks = [];
    this.stream?.abort();
  }

  private sendWhole(): void {
    if (this.dropped || this.head === undefined) return;
    const { status, headers } = this.head;
    const body = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
    this.exchange.send(status, headersToClient(headers), body);
    this.events.done();
  }

  private begin(): void {
    if (this.dropped || this.ended || this.stream !== undefined || this.head === undefined) return;
    const { status, headers } = this.head;
    const length = headers["content-length"];
    if (length !== undefined && /^\d{1,15}$/.test(length)) this.promised = Number(length);
    const passed = headersToClient(headers);
    this.stream = this.exchange.stream(
      status,
      this.promised === undefined ? passed : { ...passed, "content-length": this.promised },
    );
    this.pump();
  }

  private pump(): void {
    const { stream } = this;
    if (stream === undefined || this.writing || this.dropped) return;
    if (this.chunks.length === 0) {
      if (!this.ended) return;
      if (this.promised !== undefined && this.promised !== 0) {
        this.events.broken();
        return;
      }
      stream.end();
      this.events.done();
      return;
    }
    const chunk = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
    this.chunks = [];
    if (this.promised !== undefined) this.promised -= chunk.length;
    if (this.promised !== undefined && this.promised < 0) {
      this.events.broken();
      return;
    }
    this.writing = true;
    this.call?.pause();
    stream.write(chunk).then(
      () => {
        this.writing = false;
        this.call?.resume();
        this.pump();
      },
      () => this.events.broken(),
    );
  }
}

/** What a client is told when its replica was lost and there is no second try left. */
export function lostReplica(cause: unknown): SlipwayError {
  return new SlipwayError("unavailable", "The replica that worked on the request was lost.", {
    retryAfter: 1,
    hint: "Send it again.",
    cause,
  });
}
