import { readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { ByteSource } from "../onnx/byte-source.ts";

/** Bytes of a file on disk. */
export interface Piece {
  readonly location: string;
  readonly offset: number;
  readonly size: number;
}

/** What can be read at any place: a file, or pieces of files one after the other. */
export interface RangeReader {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/** Pieces of files, read as if they were one. All files are open from the start, so removing one takes nothing away. */
export class PieceFile implements RangeReader {
  readonly size: number;
  private readonly pieces: readonly Piece[];
  private readonly starts: readonly number[];
  private readonly handles: ReadonlyMap<string, FileHandle>;

  private constructor(pieces: readonly Piece[], handles: ReadonlyMap<string, FileHandle>) {
    this.pieces = pieces;
    this.handles = handles;
    let at = 0;
    this.starts = pieces.map(({ size }) => {
      at += size;
      return at - size;
    });
    this.size = at;
  }

  static async open(pieces: readonly Piece[]): Promise<PieceFile> {
    const handles = new Map<string, FileHandle>();
    const file = new PieceFile(pieces, handles);
    try {
      for (const { location } of pieces) if (!handles.has(location)) handles.set(location, await open(location, "r"));
      return file;
    } catch (caught) {
      await file.close();
      throw caught;
    }
  }

  async read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }> {
    const found = this.find(position, length);
    if (found === undefined) return { bytesRead: 0 };
    return await found.handle.read(buffer, offset, found.length, found.position);
  }

  /** Some of its bytes, for reading at once. */
  bytes(offset: number, size: number): ByteSource {
    return {
      size,
      read: (target, position) => {
        const found = this.find(offset + position, Math.min(target.length, size - position));
        return found === undefined ? 0 : readSync(found.handle.fd, target, 0, found.length, found.position);
      },
    };
  }

  async close(): Promise<void> {
    for (const handle of this.handles.values()) await handle.close();
  }

  /** The piece with the byte at `position`, and how much of what is wanted lies in it. */
  private find(position: number, length: number): { handle: FileHandle; position: number; length: number } | undefined {
    if (length <= 0 || position >= this.size) return undefined;
    let low = 0;
    let high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    const piece = this.pieces[low]!;
    const inside = position - this.starts[low]!;
    const handle = this.handles.get(piece.location)!;
    return { handle, position: piece.offset + inside, length: Math.min(length, piece.size - inside) };
  }
}
