import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { memoryBlob } from "../registry/blob-source.ts";
import { type ImageLayer, imageTypes } from "./image.ts";
import { inOrder, type TarEntry, tarArchive } from "./tar-archive.ts";

/** A compressed layer of these files. The digest of the archive depends on them alone; that of the blob also on Node.js' zlib. */
export async function packLayer(entries: readonly TarEntry[], { level = 6 } = {}): Promise<ImageLayer> {
  const archive = tarArchive(inOrder(entries));
  const { gzip } = await import("node:zlib");
  const bytes = await promisify(gzip)(archive, { level });
  return {
    blob: memoryBlob(imageTypes.gzip, bytes),
    diffId: `sha256:${createHash("sha256").update(archive).digest("hex")}`,
  };
}

/** A layer as it is, for a few bytes. */
export function plainLayer(entries: readonly TarEntry[]): ImageLayer {
  const blob = memoryBlob(imageTypes.tar, tarArchive(inOrder(entries)));
  return { blob, diffId: blob.digest };
}
