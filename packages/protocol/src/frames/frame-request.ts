import type { FrameRequestHead, FrameResponseHead } from "./frame-heads.ts";

/** A body to send: bytes that the caller will not change any more, a list of such, or chunks pulled only as fast as the peer takes them. */
export type FrameBodySource = Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>;

/** Whether a body has no bytes, as far as can be told before it is pulled. */
export function isEmptyBody(body: FrameBodySource | undefined): body is undefined {
  if (body === undefined) return true;
  if (body instanceof Uint8Array) return body.length === 0;
  return Array.isArray(body) && body.every((piece: Uint8Array) => piece.length === 0);
}

/** How to read a body whole. */
export interface WholeOptions {
  readonly alignAt?: number | undefined;
  readonly hold?: (bytes: number) => void;
}

/** The body of a request as a replica reads it: once, either whole or chunk by chunk. */
export interface FrameBody extends AsyncIterable<Buffer> {
  /** All bytes. Rejects with `tooLarge` above `limit` bytes, and with the reason when the request is cancelled. One chunk is handed over without a copy; joined ones have the byte at `alignAt` at a multiple of 8 in memory. `hold` is called before bytes are kept, and may throw. */
  whole(limit: number, options?: WholeOptions): Promise<Buffer>;
}

/** A request as a replica sees it. */
export interface FrameRequest {
  readonly head: FrameRequestHead;
  readonly body: FrameBody;
  /** When the answer must be complete, on the clock's monotonic scale; undefined means no deadline. */
  readonly deadlineAt: number | undefined;
  /** True once nobody waits for the answer: cancelled, past its deadline, or the gateway is gone. Cheaper than {@link signal} for a check before work begins. */
  readonly cancelled: boolean;
  /** Aborts when {@link cancelled} turns true, with the reason as a SlipwayError. Made when first read. */
  readonly signal: AbortSignal;
  /** Answers; call once. Ignored when the request is cancelled. An iterable body that throws breaks the answer off. Throws `tooLarge` or `badRequest` when the head does not fit a frame. */
  respond(head: FrameResponseHead, body?: FrameBodySource): void;
  /** Ends the answer with an error instead: before a head the gateway answers with its status, after it the client sees a broken answer. */
  fail(error: unknown): void;
  /** Ends it unbegun, before any answer: it came to the wrong place, and the gateway sends it elsewhere. */
  refuse(reason: unknown): void;
}
