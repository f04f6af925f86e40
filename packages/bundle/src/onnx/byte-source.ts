import { readSync } from "node:fs";

/** Random access to bytes without holding them. Reads are synchronous: a model's structure is small, and its weights are stepped over. */
export interface ByteSource {
  readonly size: number;
  /** Fills the start of `target` from `position`; returns how many bytes it got, 0 only at the end. */
  read(target: Buffer, position: number): number;
}

/** The `size` bytes at `offset` of an open file. */
export function fileBytes(descriptor: number, offset: number, size: number): ByteSource {
  return {
    size,
    read: (target, position) => readSync(descriptor, target, 0, Math.min(target.length, size - position), offset + position),
  };
}

/** The bytes of a buffer. */
export function bufferBytes(buffer: Buffer): ByteSource {
  return { size: buffer.length, read: (target, position) => buffer.copy(target, 0, position) };
}
