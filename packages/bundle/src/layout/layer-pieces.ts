import { readFile, stat } from "node:fs/promises";
import { Decoder, damaged } from "../manifest/decode.ts";
import { type Digest, hexOf } from "../manifest/digest.ts";
import type { Piece } from "./piece-file.ts";
import { blobPath, piecesPath, type StorePaths } from "./store-paths.ts";

/** A layer that is not a blob of its own: bytes of other blobs, one after the other. */
export interface BlobPiece {
  readonly blob: Digest;
  readonly offset: number;
  readonly size: number;
}

/** Blobs that one layer may be spread over: all are opened to read it. */
export const mostBlobs = 16;
/** Pieces that one layer may have. */
export const mostPieces = 100_000;

/** The one encoding of a layer's pieces, kept under the layer's digest. */
export function encodePieces(pieces: readonly BlobPiece[]): Buffer {
  return Buffer.from(JSON.stringify(pieces.map(({ blob, offset, size }) => [blob, offset, size])));
}

/** Adds a piece, to the last one where it continues that. */
export function addPiece(pieces: BlobPiece[], { blob, offset, size }: BlobPiece): void {
  const last = pieces.at(-1);
  if (last?.blob === blob && last.offset + last.size === offset) pieces[pieces.length - 1] = { ...last, size: last.size + size };
  else pieces.push({ blob, offset, size });
}

/** Where the bytes of a layer of this size lie; undefined when the store has not all of them. A whole blob is preferred. */
export async function findLayer(paths: StorePaths, digest: Digest, size: number): Promise<BlobPiece[] | undefined> {
  if ((await sizeOf(blobPath(paths, digest))) === size) return [{ blob: digest, offset: 0, size }];
  const pieces = await readPieces(paths, digest);
  if (pieces?.reduce((sum, piece) => sum + piece.size, 0) !== size) return undefined;
  for (const [blob, least] of extents(pieces!)) if (!(await hasBytes(paths, blob, least))) return undefined;
  return pieces;
}

/** How many bytes of each blob pieces need. */
export function extents(pieces: readonly BlobPiece[]): ReadonlyMap<Digest, number> {
  const needed = new Map<Digest, number>();
  for (const { blob, offset, size } of pieces) needed.set(blob, Math.max(needed.get(blob) ?? 0, offset + size));
  return needed;
}

/** Whether the store has a blob of at least this many bytes. */
export async function hasBytes(paths: StorePaths, blob: Digest, least: number): Promise<boolean> {
  return ((await sizeOf(blobPath(paths, blob))) ?? -1) >= least;
}

/** Blobs that the pieces of a layer lie in; none when the layer has no pieces. */
export async function blobsOfPieces(paths: StorePaths, digest: Digest): Promise<Digest[]> {
  return [...new Set((await readPieces(paths, digest).catch(() => undefined))?.map(({ blob }) => blob) ?? [])];
}

/** Pieces as what can be opened. */
export function located(paths: StorePaths, pieces: readonly BlobPiece[]): Piece[] {
  return pieces.map(({ blob, offset, size }) => ({ location: blobPath(paths, blob), offset, size }));
}

async function readPieces(paths: StorePaths, digest: Digest): Promise<BlobPiece[] | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(piecesPath(paths, digest));
  } catch (caught) {
    if (["ENOENT", "ENOTDIR"].includes((caught as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw caught;
  }
  const place = `list of pieces of ${hexOf(digest)}`;
  const pieces = Decoder.parse(bytes, place)
    .list(mostPieces)
    .map((item) => {
      const [blob, offset, size] = item.list(3);
      if (size === undefined) throw damaged(`${item.place} is not a piece`);
      return { blob: blob!.digest(), offset: offset!.size(), size: size.size() };
    });
  return pieces;
}

/** The part of a layer from `offset` on, where its pieces lie. */
export function within(layer: readonly BlobPiece[], offset: number, size: number): BlobPiece[] {
  const found: BlobPiece[] = [];
  let start = 0;
  for (const piece of layer) {
    const from = Math.max(offset, start);
    const to = Math.min(offset + size, start + piece.size);
    if (from < to) addPiece(found, { blob: piece.blob, offset: piece.offset + from - start, size: to - from });
    start += piece.size;
    if (start >= offset + size) break;
  }
  return found;
}

/** Bytes of a blob; undefined when the store has none. */
export function blobSize(paths: StorePaths, blob: Digest): Promise<number | undefined> {
  return sizeOf(blobPath(paths, blob));
}

async function sizeOf(location: string): Promise<number | undefined> {
  return stat(location).then(
    (found) => found.size,
    (caught: NodeJS.ErrnoException) => {
      if (["ENOENT", "ENOTDIR"].includes(caught.code ?? "")) return undefined;
      throw caught;
    },
  );
}
