import { SlipwayError } from "@slipway/base";
import { frameFlag, frameHeaderBytes, frameType, payloadBounds } from "./frame-format.ts";

/** Who hears about parsed frames. What these throw stops the parser and leaves `push`. */
export interface FrameSink {
  /** A whole frame of any type but data. The payload is a view: use it before returning, or copy. */
  frame(type: number, flags: number, stream: number, payload: Buffer): void;
  /** Bytes of a data frame as they arrive, perhaps a part of it; `end` only with the last part of the last frame. */
  data(stream: number, chunk: Buffer, end: boolean): void;
}

const nothing = Buffer.alloc(0);

/** Turns bytes, however they are split, into frames. Data is never copied; other frames only when a read splits them. Holds at most one head. */
export class FrameParser {
  private readonly sink: FrameSink;
  private readonly header = Buffer.alloc(frameHeaderBytes);
  private headerFilled = 0;
  private type = 0;
  private flags = 0;
  private stream = 0;
  private dataLeft = 0;
  private partial: Buffer | undefined;
  private partialFilled = 0;
  private stopped = false;

  constructor(sink: FrameSink) {
    this.sink = sink;
  }

  /** Nothing is reported any more. */
  stop(): void {
    this.stopped = true;
  }

  /** Takes the next bytes. Throws `badRequest` at malformed input; call nothing but {@link stop} afterwards. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.stopped) {
      if (this.dataLeft > 0) at = this.takeData(chunk, at);
      else if (this.partial !== undefined) at = this.takePartial(chunk, at, this.partial);
      else at = this.takeFrame(chunk, at);
    }
  }

  private takeData(chunk: Buffer, at: number): number {
    const next = Math.min(chunk.length, at + this.dataLeft);
    this.dataLeft -= next - at;
    this.sink.data(this.stream, chunk.subarray(at, next), this.dataLeft === 0 && (this.flags & frameFlag.end) !== 0);
    return next;
  }

  private takePartial(chunk: Buffer, at: number, partial: Buffer): number {
    const next = Math.min(chunk.length, at + partial.length - this.partialFilled);
    this.partialFilled += chunk.copy(partial, this.partialFilled, at, next);
    if (this.partialFilled === partial.length) {
      this.partial = undefined;
      this.sink.frame(this.type, this.flags, this.stream, partial);
    }
    return next;
  }

  private takeFrame(chunk: Buffer, at: number): number {
    let start = at;
    let length: number;
    if (this.headerFilled === 0 && chunk.length - at >= frameHeaderBytes) {
      length = this.readHeader(chunk, at);
      start += frameHeaderBytes;
    } else {
      const copied = chunk.copy(this.header, this.headerFilled, at);
      this.headerFilled += copied;
      start += copied;
      if (this.headerFilled < frameHeaderBytes) return start;
      this.headerFilled = 0;
      length = this.readHeader(this.header, 0);
    }
    if (this.type === frameType.data) {
      this.dataLeft = length;
      if (length > 0) return start;
      if ((this.flags & frameFlag.end) === 0)
        throw new SlipwayError("badRequest", "A data frame is empty and does not end its stream.");
      this.sink.data(this.stream, nothing, true);
      return start;
    }
    const end = start + length;
    if (end <= chunk.length) {
      this.sink.frame(this.type, this.flags, this.stream, chunk.subarray(start, end));
      return end;
    }
    this.partial = Buffer.allocUnsafe(length);
    this.partialFilled = chunk.copy(this.partial, 0, start);
    return chunk.length;
  }

  private readHeader(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32BE(at);
    this.type = bytes[at + 4]!;
    this.flags = bytes[at + 5]!;
    this.stream = bytes.readUInt32BE(at + 6);
    const bounds = payloadBounds[this.type];
    if (bounds === undefined) throw new SlipwayError("badRequest", `There is no frame type ${this.type}.`);
    if (length < bounds[0] || length > bounds[1]) {
      throw new SlipwayError(
        "badRequest",
        `A frame of type ${this.type} has ${length} bytes; ${bounds[0]} to ${bounds[1]} are allowed.`,
      );
    }
    return length;
  }
}
