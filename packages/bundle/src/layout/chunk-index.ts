import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Chunk } from "../chunks/chunk.ts";
import { ChunkStream } from "../chunks/chunk-stream.ts";
import { Decoder } from "../manifest/decode.ts";
import type { Digest } from "../manifest/digest.ts";
import type { BlobRef } from "../manifest/image-manifest.ts";
import { openLayer, readRange } from "./blob-reader.ts";
import type { StorePaths } from "./store-paths.ts";
import { temporaryPath } from "./temporary.ts";

const mostChunks = 400_000;

/** The chunks of a layer in the store, in order: as remembered, else by reading it. */
export async function chunksOf(paths: StorePaths, layer: BlobRef, power: number): Promise<readonly Chunk[]> {
  const remembered = await recall(paths, layer, power);
  if (remembered !== undefined) return remembered;
  const chunks: Chunk[] = [];
  const stream = new ChunkStream(power, async (chunk) => void chunks.push(chunk));
  const handle = await openLayer(paths, layer);
  try {
    for await (const bytes of readRange(handle, 0, layer.size)) await stream.push(bytes);
    await stream.end();
  } finally {
    await handle.close();
  }
  // Whoever may only read the store finds them each time.
  await rememberChunks(paths, layer.digest, power, chunks).catch(() => {});
  return chunks;
}

/** Keeps the chunks of a layer. As all of the cache, it may be deleted at any time. */
export async function rememberChunks(paths: StorePaths, layer: Digest, power: number, chunks: readonly Chunk[]): Promise<void> {
  const draft = temporaryPath(paths.temporary);
  await writeFile(draft, JSON.stringify({ layer, chunks: chunks.map(({ digest, size }) => [digest, size]) }));
  await rename(draft, location(paths, layer, power));
}

async function recall(paths: StorePaths, layer: BlobRef, power: number): Promise<Chunk[] | undefined> {
  try {
    const list = Decoder.parse(await readFile(location(paths, layer.digest, power)), "chunks").get("chunks");
    const chunks = list.list(mostChunks).map((item): Chunk => {
      const [digest, size] = item.list(2);
      return { digest: digest!.digest(), size: size!.size() };
    });
    return chunks.reduce((sum, { size }) => sum + size, 0) === layer.size ? chunks : undefined;
  } catch {
    return undefined;
  }
}

function location(paths: StorePaths, layer: Digest, power: number): string {
  return join(paths.cache, createHash("sha256").update(`chunks ${power} ${layer}`).digest("hex"));
}
