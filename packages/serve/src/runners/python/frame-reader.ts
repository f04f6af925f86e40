import { headBytes } from "./python-messages.ts";

/** A frame from the worker. */
export interface Frame {
  readonly number: number;
  readonly kind: number;
  /** Memory of its own, which nobody else writes to. */
  readonly payload: ArrayBuffer;
}

/** Puts frames together from the pieces in which a socket gives them. */
export class FrameReader {
  private readonly mostBytes: number;
  private readonly take: (frame: Frame) => void;
  private readonly head = Buffer.alloc(headBytes);
  private headAt = 0;
  private payload: Uint8Array | undefined;
  private payloadAt = 0;

  /** `mostBytes` bounds a payload; what claims more throws. */
  constructor(mostBytes: number, take: (frame: Frame) => void) {
    this.mostBytes = mostBytes;
    this.take = take;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.payload === undefined) {
        const copied = chunk.copy(this.head, this.headAt, at, at + headBytes - this.headAt);
        this.headAt += copied;
        at += copied;
        if (this.headAt < headBytes) return;
        const length = this.head.readUInt32LE(0);
        if (length > this.mostBytes) throw new Error(`A frame of ${length} bytes is too large.`);
        this.payload = new Uint8Array(new ArrayBuffer(length));
        this.payloadAt = 0;
      }
      const part = chunk.subarray(at, at + this.payload.length - this.payloadAt);
      this.payload.set(part, this.payloadAt);
      this.payloadAt += part.length;
      at += part.length;
      this.finish();
    }
  }

  private finish(): void {
    const { payload, head } = this;
    if (payload === undefined || this.payloadAt < payload.length) return;
    this.payload = undefined;
    this.headAt = 0;
    this.take({ number: head.readUInt32LE(4), kind: head.readUInt32LE(8), payload: payload.buffer as ArrayBuffer });
  }
}
