import type { Socket } from "node:net";
import type { Clock } from "@slipway/base";
import type { WholeRequest } from "../exchange/whole-request.ts";
import { PlainResponse } from "./plain-response.ts";
import { type HeadResult, type RequestHead, readRequestHead } from "./request-head.ts";

/** Larger bodies are not held in one piece before anybody has asked for them. */
const mostBodyBytes = 64 * 1024;
/** A client may send this much ahead while its request is answered. */
const mostAhead = 128 * 1024;

/** A request that is there as a whole. `Known` is what its server remembers of a head, so that the same head is judged once. */
export interface PlainRequest<Known> extends WholeRequest {
  readonly known: Known;
}

/** A head and what came of it. */
interface JudgedHead<Known> {
  readonly head: RequestHead;
  readonly known: Known;
  readonly memory: WholeRequest["memory"];
}

/** Who answers what a {@link PlainConnection} reads. */
export interface PlainHandler<Known> {
  /** Judges a head; undefined leaves the connection to the full parser. */
  judge(head: RequestHead): Known | undefined;
  answer(request: PlainRequest<Known>, response: PlainResponse): void;
  /** Takes the connection over, with what was read of it put back. */
  handOver(socket: Socket): void;
  readonly commonLines: () => string;
  /** Whether connections end with their next answer, also one that has begun. */
  readonly ending: () => boolean;
  readonly clock: Clock;
}

/**
 * The quick way for the most ordinary requests: small, whole, with a head that leaves nothing to interpret. The first one that is not ends it: the connection goes to
 * Node's HTTP parser with every byte that was not answered, and stays there. Costs half of what Node's request and response objects cost.
 */
export class PlainConnection<Known> {
  /** Since when nothing is under way or, with a part of a request, since when that waits for the rest; on the monotonic clock. */
  waitsSince: number;
  private readonly socket: Socket;
  private readonly handler: PlainHandler<Known>;
  private readonly onClose: () => void;
  private pending: Buffer | undefined;
  private response: PlainResponse | undefined;
  private ended = false;
  /** The bytes of the last head and what came of it: clients repeat themselves. */
  private lastHead: Buffer | undefined;
  private lastKnown: JudgedHead<Known> | undefined;
  private reading = false;

  constructor(socket: Socket, handler: PlainHandler<Known>, onClose: () => void) {
    this.socket = socket;
    this.handler = handler;
    this.onClose = onClose;
    this.waitsSince = handler.clock.monotonic();
    socket.on("data", this.onData).on("end", this.onEnd).on("error", this.onError).on("close", this.onGone);
    // Who looked at its first bytes has stopped it.
    socket.resume();
  }

  /** Whether a request is being answered. */
  get busy(): boolean {
    return this.response !== undefined;
  }

  /** Whether a part of a request has come. */
  get partial(): boolean {
    return this.pending !== undefined && this.response === undefined;
  }

  /** Leaves the connection to the full parser, which has its own limits for slow clients. */
  leave(): void {
    const { socket, pending } = this;
    this.pending = undefined;
    this.detach();
    socket.pause();
    if (pending !== undefined) socket.unshift(pending);
    this.handler.handOver(socket);
    socket.resume();
  }

  /** Ends the connection when nothing is under way; otherwise its answer will be the last. */
  closeWhenIdle(): void {
    if (!this.busy) this.socket.destroy();
  }

  private readonly onData = (chunk: Buffer): void => {
    if (this.pending === undefined) {
      this.pending = chunk;
      this.waitsSince = this.handler.clock.monotonic();
    } else this.pending = Buffer.concat([this.pending, chunk]);
    if (this.response === undefined) this.read();
    else if (this.pending.length > mostAhead) this.socket.pause();
  };

  /** Who closes its side waits for no answer, as Node's server has it. */
  private readonly onEnd = (): void => {
    if (this.partial) this.leave();
    else this.socket.destroy();
  };

  private readonly onError = (): void => {
    this.socket.destroy();
  };

  private readonly onGone = (): void => {
    this.ended = true;
    this.response?.lost();
    this.detach();
  };

  private detach(): void {
    this.socket.off("data", this.onData).off("end", this.onEnd).off("error", this.onError).off("close", this.onGone);
    this.onClose();
  }

  /** Answers whole requests one after another, without growing the stack when answers come at once. */
  private read(): void {
    if (this.reading) return;
    this.reading = true;
    while (this.pending !== undefined && this.response === undefined && !this.ended) {
      if (!this.next(this.pending)) break;
    }
    this.reading = false;
  }

  /** Begins the first request in `bytes`; false when there is none to begin here. */
  private next(bytes: Buffer): boolean {
    const found = this.headOf(bytes);
    if (found === "more") return false;
    if (found === "other") {
      this.leave();
      return false;
    }
    const { head, known, memory } = found;
    const end = head.length + head.bodyBytes;
    if (bytes.length < end) return false;
    this.pending = bytes.length === end ? undefined : bytes.subarray(end);
    const response = new PlainResponse({
      socket: this.socket,
      commonLines: this.handler.commonLines,
      onEnd: (keep) => this.answered(keep),
    });
    this.response = response;
    const { method, headers } = head;
    this.handler.answer(
      { known, memory, method, headers, complete: true, socket: this.socket, whole: bytes.subarray(head.length, end) },
      response,
    );
    return true;
  }

  private headOf(bytes: Buffer): JudgedHead<Known> | "more" | "other" {
    const { lastHead, lastKnown } = this;
    if (
      lastHead !== undefined &&
      bytes.length >= lastHead.length &&
      bytes.compare(lastHead, 0, lastHead.length, 0, lastHead.length) === 0
    )
      return lastKnown!;
    const head: HeadResult = readRequestHead(bytes, 0);
    if (head === "more" || head === "other") return head;
    if (head.bodyBytes > mostBodyBytes || (head.method === "GET" && head.bodyBytes > 0)) return "other";
    const known = this.handler.judge(head);
    if (known === undefined) return "other";
    this.lastHead = Buffer.from(bytes.subarray(0, head.length));
    this.lastKnown = { head, known, memory: { made: undefined } };
    return this.lastKnown;
  }

  private answered(keep: boolean): void {
    this.response = undefined;
    this.waitsSince = this.handler.clock.monotonic();
    if (!keep || this.handler.ending()) {
      this.socket.destroySoon();
      return;
    }
    if (this.socket.isPaused()) this.socket.resume();
    this.read();
  }
}
