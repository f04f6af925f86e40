import type { ByteSource } from "./byte-source.ts";

/** Bytes that are not a protobuf message. */
export class MalformedMessage extends Error {}

/** One field as it lies in the file: a number, or the span of bytes from `start` to `end`. */
export interface WireField {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly wire: 0 | 1 | 2 | 5;
  /** A varint's value as an unsigned 64-bit number; 0 for the others. */
  readonly value: bigint;
  readonly start: number;
  readonly end: number;
}

/** A span of bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const windowBytes = 64 * 1024;

/** Fields read before a file is refused: a hundred times the largest published graphs, and some seconds of work. */
const fieldLimit = 20_000_000;

/**
 * Protobuf's wire format (https://protobuf.dev/programming-guides/encoding/) over a window of 64 KiB: fields one after another, and
 * whatever is not asked for is stepped over, not read. A schema-driven library would copy the weights.
 */
export class WireReader {
  private readonly source: ByteSource;
  private readonly window = Buffer.allocUnsafe(windowBytes);
  private windowStart = 0;
  private windowEnd = 0;
  private at = 0;
  private fieldsLeft = fieldLimit;

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** The fields of the message in `span`, in file order. Throws {@link MalformedMessage} where the bytes are not a message. */
  *fields(span: Span): Generator<WireField> {
    let next = span.start;
    while (next < span.end) {
      if (--this.fieldsLeft < 0) throw new MalformedMessage(`it has more than ${fieldLimit} fields`);
      this.at = next;
      const field = this.field(span.end);
      next = field.end;
      yield field;
    }
  }

  /** The bytes of a span as UTF-8 text, at most `limit` of them. */
  text(span: Span, limit: number): string {
    const length = span.end - span.start;
    if (length > limit) throw new MalformedMessage(`the text at byte ${span.start} is longer than ${limit} bytes`);
    const bytes = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length; ) {
      const got = this.source.read(bytes.subarray(filled), span.start + filled);
      if (got === 0) throw new MalformedMessage("it ends early");
      filled += got;
    }
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new MalformedMessage(`the text at byte ${span.start} is not UTF-8`);
    }
  }

  private field(end: number): WireField {
    const tagAt = this.at;
    const tag = this.varint(end);
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (number === 0 || number >= 2 ** 29) throw new MalformedMessage(`there is no field ${number} at byte ${tagAt}`);
    if (wire === 0) {
      const start = this.at;
      const value = this.varint(end);
      return { number, wire, value, start, end: this.at };
    }
    if (wire !== 1 && wire !== 2 && wire !== 5) throw new MalformedMessage(`there is no wire type ${wire} (at byte ${tagAt})`);
    const length = wire === 1 ? 8n : wire === 5 ? 4n : this.varint(end);
    const start = this.at;
    if (length > BigInt(end - start)) {
      throw new MalformedMessage(`the field at byte ${tagAt} has ${length} bytes, but only ${end - start} are left`);
    }
    return { number, wire, value: 0n, start, end: start + Number(length) };
  }

  private varint(end: number): bigint {
    let low = 0;
    let high = 0n;
    for (let i = 0; i < 10; i++) {
      if (this.at >= end) throw new MalformedMessage(`it ends in the middle of a number, at byte ${this.at}`);
      const byte = this.byte();
      // Four groups of seven bits fit a 32-bit integer; nearly every number ends there and needs no bigint arithmetic.
      if (i < 4) low |= (byte & 0x7f) << (7 * i);
      else high |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return i < 4 ? BigInt(low) : BigInt.asUintN(64, high | BigInt(low));
    }
    throw new MalformedMessage(`the number before byte ${this.at} is longer than ten bytes`);
  }

  private byte(): number {
    if (this.at < this.windowStart || this.at >= this.windowEnd) {
      const got = this.source.read(this.window, this.at);
      if (got === 0) throw new MalformedMessage("it ends early");
      this.windowStart = this.at;
      this.windowEnd = this.at + got;
    }
    return this.window[this.at++ - this.windowStart]!;
  }
}
