import { SlipwayError } from "@slipway/base";
import type { FrameCall, FrameError, FrameListener, FrameResponseHead } from "@slipway/protocol";
import type { EndOfTurn, TurnTask } from "./end-of-turn.ts";
import type { AnswerStream, ForwardingClient } from "./forwarding-client.ts";
import { headersToClient } from "./passed-headers.ts";

const nothing = Buffer.alloc(0);

/** What happens to an answer on its way to the client. */
export interface AnswerEvents {
  /** The replica has sent all of it. */
  ended(): void;
  /** The replica's answer is an error, or it will not come (whole). */
  failed(error: FrameError): void;
  /** All of it has been handed to the client's connection. */
  answered(): void;
  /** It cannot be completed: the client left, or the replica's bytes do not fit its own head. */
  broken(): void;
}

/**
 * Passes one replica's answer to the client. What comes whole in one turn of the event loop is sent whole; the rest is streamed at the
 * client's pace: while a write waits, the replica gets no more credit.
 */
export class Answer implements FrameListener, TurnTask {
  private readonly exchange: ForwardingClient;
  private readonly events: AnswerEvents;
  private readonly turn: EndOfTurn;
  private call: FrameCall | undefined = undefined;
  private answerHead: FrameResponseHead | undefined = undefined;
  /** The first piece that waits, mostly the only one, and those behind it. */
  private chunk: Buffer | undefined = undefined;
  private following: Buffer[] | undefined = undefined;
  private stream: AnswerStream | undefined = undefined;
  private ended = false;
  private writing = false;
  private dropped = false;
  /** Bytes the replica's content-length still promises. */
  private promised: number | undefined = undefined;

  constructor(exchange: ForwardingClient, events: AnswerEvents, turn: EndOfTurn) {
    this.exchange = exchange;
    this.events = events;
    this.turn = turn;
  }

  /** Whether a byte may have reached the client. */
  get begun(): boolean {
    return this.stream !== undefined;
  }

  /** The request this answers; its pace is governed through it. */
  follow(call: FrameCall): void {
    this.call = call;
  }

  head(head: FrameResponseHead): void {
    this.answerHead = head;
    // Most answers are whole before this turn ends: they need no stream.
    this.turn.add(this);
  }

  data(chunk: Buffer): void {
    if (this.chunk === undefined) this.chunk = chunk;
    else if (this.following === undefined) this.following = [chunk];
    else this.following.push(chunk);
    if (this.stream !== undefined) this.pump();
  }

  end(): void {
    this.events.ended();
    this.ended = true;
    if (this.stream === undefined) this.sendWhole();
    else this.pump();
  }

  error(error: FrameError): void {
    this.events.failed(error);
  }

  /** Nothing of this answer is sent any more; what was begun is broken off so that the client sees it. */
  drop(): void {
    this.dropped = true;
    this.chunk = undefined;
    this.following = undefined;
    this.stream?.abort();
  }

  private sendWhole(): void {
    if (this.dropped || this.answerHead === undefined) return;
    const { status, headers } = this.answerHead;
    this.exchange.send(status, headersToClient(headers), this.takeChunks() ?? nothing);
    this.events.answered();
  }

  endOfTurn(): void {
    if (this.dropped || this.ended || this.stream !== undefined || this.answerHead === undefined) return;
    const { status, headers } = this.answerHead;
    const length = headers["content-length"];
    if (length !== undefined && /^\d{1,15}$/.test(length)) this.promised = Number(length);
    const passed = headersToClient(headers);
    this.stream = this.exchange.stream(
      status,
      this.promised === undefined ? passed : { ...passed, "content-length": this.promised },
    );
    this.pump();
  }

  /** What waits, as one piece; undefined when nothing does. */
  private takeChunks(): Buffer | undefined {
    const { chunk, following } = this;
    this.chunk = undefined;
    this.following = undefined;
    return chunk === undefined || following === undefined ? chunk : Buffer.concat([chunk, ...following]);
  }

  private pump(): void {
    const { stream } = this;
    if (stream === undefined || this.writing || this.dropped) return;
    const chunk = this.takeChunks();
    if (chunk === undefined) {
      if (!this.ended) return;
      if (this.promised !== undefined && this.promised !== 0) {
        this.events.broken();
        return;
      }
      stream.end();
      this.events.answered();
      return;
    }
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
export function lostReplica(cause?: unknown): SlipwayError {
  return new SlipwayError("unavailable", "The replica that worked on the request was lost.", {
    retryAfter: 1,
    hint: "Send it again.",
    cause,
  });
}
