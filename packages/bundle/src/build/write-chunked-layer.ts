import { createHash } from "node:crypto";
import type { Chunk } from "../chunks/chunk.ts";
import { ChunkStream } from "../chunks/chunk-stream.ts";
import { addPiece, type BlobPiece, mostBlobs } from "../layout/layer-pieces.ts";
import type { Digest } from "../manifest/digest.ts";
import type { LayerPlan } from "../manifest/plan-layers.ts";
import { writeNewFile } from "./new-file.ts";
import { type WrittenLayer, writeLayer } from "./write-layer.ts";

/** Chunks whose bytes a store has already. */
export interface KnownChunks {
  readonly power: number;
  /** Where the bytes of a chunk lie. */
  find(chunk: Digest): readonly BlobPiece[] | undefined;
}

/** A layer of which only what is new was written. */
export interface ChunkedLayer extends WrittenLayer {
  readonly chunks: readonly Chunk[];
  /** Where its bytes lie; `pack` among the blobs is the file that was written. */
  readonly pieces: readonly BlobPiece[];
  readonly pack: { readonly digest: Digest; readonly size: number };
}

/** Writes a layer's chunks that are not known to a new file at `target`, and says where the others are. Reads as {@link writeLayer}. */
export async function writeChunkedLayer(
  target: string,
  plan: LayerPlan,
  read: Parameters<typeof writeLayer>[2],
  known: KnownChunks,
): Promise<ChunkedLayer> {
  return await writeNewFile(target, async (file) => {
    const chunks: Chunk[] = [];
    const pieces: BlobPiece[] = [];
    const blobs = new Set<Digest>();
    const packed = new Map<Digest, number>();
    const packHash = createHash("sha256");
    const stream = new ChunkStream(known.power, async (chunk, bytes) => {
      chunks.push(chunk);
      const elsewhere = known.find(chunk.digest);
      // A layer of ever more blobs would take ever more open files to read: the rest is written again.
      const news = elsewhere?.filter(({ blob }) => !blobs.has(blob)).length ?? 0;
      if (elsewhere !== undefined && blobs.size + news < mostBlobs) {
        for (const piece of elsewhere) {
          blobs.add(piece.blob);
          addPiece(pieces, piece);
        }
        return;
      }
      const before = packed.get(chunk.digest);
      addPiece(pieces, { blob: inPack, offset: before ?? file.size, size: chunk.size });
      if (before !== undefined) return;
      packed.set(chunk.digest, file.size);
      packHash.update(bytes);
      await file.append(bytes);
    });
    const written = await writeLayer((bytes) => stream.push(bytes), plan, read);
    await stream.end();
    const pack = { digest: `sha256:${packHash.digest("hex")}` as Digest, size: file.size };
    const placed = pieces.map((piece) => (piece.blob === inPack ? { ...piece, blob: pack.digest } : piece));
    return { ...written, chunks, pieces: placed, pack };
  });
}

/** Stands for the pack until its digest is known: the digest of nothing that exists. */
const inPack: Digest = `sha256:${"0".repeat(64)}`;
