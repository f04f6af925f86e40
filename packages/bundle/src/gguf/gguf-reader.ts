import type { ByteSource } from "../onnx/byte-source.ts";

/** Bytes that are not a GGUF file. */
export class MalformedGguf extends Error {}

/** A value of the metadata: lists are only known by their type and length, unless they were asked for. */
export type GgufEntry = number | bigint | boolean | string | { readonly type: number; readonly length: number };

const windowBytes = 64 * 1024;
const fixedSizes: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const stringType = 8;
const arrayType = 9;
/** llama.cpp's own vocabularies have some hundred thousand entries. */
const mostItems = 16 * 2 ** 20;

/** Reads GGUF's encoding from front to back through a window of 64 KiB; what is not asked for is stepped over. Every method throws {@link MalformedGguf}. */
export class GgufReader {
  private readonly source: ByteSource;
  private readonly window = Buffer.allocUnsafe(windowBytes);
  private windowStart = 0;
  private windowEnd = 0;
  /** The byte that is read next. */
  at = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  /** A 64-bit number that must not be above `most`; `what` names it in the refusal. */
  count(most: number, what: string): number {
    const at = this.at;
    const value = this.take(8).readBigUInt64LE();
    if (value > BigInt(most)) throw new MalformedGguf(`it says ${value} ${what} at byte ${at}, and at most ${most} are possible`);
    return Number(value);
  }

  /** A text of at most `most` bytes. */
  text(most: number, what: string): string {
    const length = this.count(Math.min(most, this.source.size), `bytes for ${what}`);
    const start = this.at;
    const bytes = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length; ) {
      const piece = this.take(Math.min(length - filled, windowBytes));
      piece.copy(bytes, filled);
      filled += piece.length;
    }
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new MalformedGguf(`${what} at byte ${start} is not UTF-8`);
    }
  }

  /** A value with its type before it. Texts have at most `mostText` bytes. */
  value(mostText: number, what: string): GgufEntry {
    const type = this.u32();
    if (type === arrayType) return this.skipArray(what);
    if (type === stringType) return this.text(mostText, what);
    const size = fixedSizes[type];
    if (size === undefined) throw new MalformedGguf(`${what} has type ${type}, which there is not`);
    return readFixed(this.take(size), type, what);
  }

  private skipArray(what: string): GgufEntry {
    const type = this.u32();
    const length = this.count(mostItems, `entries for ${what}`);
    if (type === stringType) {
      for (let index = 0; index < length; index += 1) this.skip(this.count(this.source.size, `bytes for an entry of ${what}`));
    } else {
      const size = fixedSizes[type];
      if (size === undefined) throw new MalformedGguf(`${what} is a list of type ${type}, which there is not`);
      this.skip(length * size);
    }
    return { type, length };
  }

  private skip(bytes: number): void {
    if (bytes > this.source.size - this.at) throw new MalformedGguf("it ends early");
    this.at += bytes;
  }

  /** The next bytes, valid until the next call. */
  private take(bytes: number): Buffer {
    const start = this.at;
    if (bytes > this.source.size - start) throw new MalformedGguf("it ends early");
    if (start < this.windowStart || start + bytes > this.windowEnd) this.fill(start, bytes);
    this.at = start + bytes;
    return this.window.subarray(start - this.windowStart, start - this.windowStart + bytes);
  }

  private fill(start: number, least: number): void {
    let filled = 0;
    while (filled < Math.min(windowBytes, this.source.size - start)) {
      const got = this.source.read(this.window.subarray(filled), start + filled);
      if (got === 0) break;
      filled += got;
    }
    if (filled < least) throw new MalformedGguf("it ends early");
    this.windowStart = start;
    this.windowEnd = start + filled;
  }
}

function readFixed(bytes: Buffer, type: number, what: string): GgufEntry {
  switch (type) {
    case 0:
      return bytes.readUInt8();
    case 1:
      return bytes.readInt8();
    case 2:
      return bytes.readUInt16LE();
    case 3:
      return bytes.readInt16LE();
    case 4:
      return bytes.readUInt32LE();
    case 5:
      return bytes.readInt32LE();
    case 6:
      return bytes.readFloatLE();
    case 7: {
      const flag = bytes.readUInt8();
      if (flag > 1) throw new MalformedGguf(`${what} must be true or false, and is ${flag}`);
      return flag === 1;
    }
    case 10:
      return bytes.readBigUInt64LE();
    case 11:
      return bytes.readBigInt64LE();
    default:
      return bytes.readDoubleLE();
  }
}
