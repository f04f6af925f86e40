import type { Digest } from "../manifest/digest.ts";

/** A part of a layer between two boundaries that its content decides. */
export interface Chunk {
  readonly digest: Digest;
  readonly size: number;
}

/** Layers of at least this many bytes are cut into chunks; of smaller ones a change moves little anyway. */
export const chunkedFrom = 8 * 2 ** 20;
