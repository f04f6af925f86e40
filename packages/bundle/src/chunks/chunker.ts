import { createHash } from "node:crypto";

/** Smallest average size of chunks: the last and the first one of each changed part move with it, whole. */
const leastPower = 16;
/** Chunks that a bundle is cut into at most, about: all are in memory while another version of it is built. */
const chunksPerBundle = 65_536;

/**
 * The power of two that chunks have on average, for a bundle whose large layers have `totalBytes` together. Decided by the bundle, not by
 * the layer, so that layers of one bundle share chunks; bundles share them when their sizes lie within the same powers of two.
 */
export function chunkPower(totalBytes: number): number {
  return Math.max(leastPower, Math.ceil(Math.log2(totalBytes / chunksPerBundle)));
}

/** Random numbers that never change: other ones would move every boundary. */
const gear = new Int32Array(256).map((_, byte) => createHash("sha256").update(`slipway chunk ${byte}`).digest().readInt32LE());

/** Bytes that still count in a 32-bit gear hash: each step shifts it by one bit. */
const windowBytes = 32;

/**
 * Finds boundaries that content alone decides, so that bytes put in or taken out move no boundary far from them: FastCDC (Xia et al., USENIX
 * ATC 2016) with its normalised sizes. Chunks have a quarter to four times the average, but for the last.
 */
export class Chunker {
  private readonly least: number;
  private readonly average: number;
  private readonly most: number;
  private readonly strict: number;
  private readonly loose: number;
  private size = 0;
  private hash = 0;

  constructor(power: number) {
    this.average = 2 ** power;
    this.least = this.average / 4;
    this.most = this.average * 4;
    // The highest bits have seen the most bytes.
    this.strict = highBits(power + 2);
    this.loose = highBits(power - 2);
  }

  /** Reads `buffer` from `at` on; gives where the current chunk ends in it, or -1 when it goes on after the buffer. */
  cut(buffer: Uint8Array, at: number): number {
    const end = buffer.length;
    let position = at;
    let { size, hash } = this;
    const skip = Math.min(end - position, Math.max(0, this.least - windowBytes - size));
    position += skip;
    size += skip;
    while (position < end) {
      const strict = size < this.average;
      const mask = strict ? this.strict : this.loose;
      const limit = size < this.least ? this.least : strict ? this.average : this.most;
      const stop = Math.min(end, position + limit - size);
      const from = position;
      if (size < this.least) {
        while (position < stop) hash = ((hash << 1) + gear[buffer[position++]!]!) | 0;
        size += position - from;
        continue;
      }
      while (position < stop) {
        hash = ((hash << 1) + gear[buffer[position++]!]!) | 0;
        if ((hash & mask) === 0) return this.endChunk(position);
      }
      size += position - from;
      if (size === this.most) return this.endChunk(position);
    }
    this.size = size;
    this.hash = hash;
    return -1;
  }

  private endChunk(position: number): number {
    this.size = 0;
    this.hash = 0;
    return position;
  }
}

function highBits(count: number): number {
  return -1 << (32 - Math.min(count, 31));
}
