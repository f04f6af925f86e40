import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Digest } from "../manifest/digest.ts";
import type { LayerPlan, PlacedFile } from "../manifest/plan-layers.ts";
import { tarBlock, tarHeader, tarPadding } from "../manifest/tar-header.ts";

/** A layer that was written: its digest, and its files' in the order of the plan. */
export interface WrittenLayer {
  readonly digest: Digest;
  readonly files: readonly Digest[];
}

/**
 * Writes a layer to a new file at `target`, synced to disk; `read` hands over the bytes of each file. Each byte is hashed while its write
 * is under way.
 */
export async function writeLayer(
  target: string,
  plan: LayerPlan,
  read: (file: PlacedFile, take: (chunk: Buffer) => Promise<void>) => Promise<void>,
): Promise<WrittenLayer> {
  const handle = await open(target, "wx", 0o444);
  try {
    const layerHash = createHash("sha256");
    let at = 0;
    const append = async (chunk: Buffer, ...hashes: ReturnType<typeof createHash>[]) => {
      const from = at;
      at += chunk.length;
      const written = writeAll(chunk, from);
      for (const hash of [layerHash, ...hashes]) hash.update(chunk);
      await written;
    };
    const writeAll = async (chunk: Buffer, from: number) => {
      for (let done = 0; done < chunk.length; ) {
        done += (await handle.write(chunk, done, chunk.length - done, from + done)).bytesWritten;
      }
    };
    const files: Digest[] = [];
    for (const file of plan.files) {
      const fileHash = createHash("sha256");
      await append(tarHeader(file.path, file.size));
      await read(file, (chunk) => append(chunk, fileHash));
      const padding = tarPadding(file.size);
      if (padding > 0) await append(Buffer.alloc(padding));
      files.push(`sha256:${fileHash.digest("hex")}`);
    }
    await append(Buffer.alloc(2 * tarBlock));
    await handle.sync();
    return { digest: `sha256:${layerHash.digest("hex")}`, files };
  } finally {
    await handle.close();
  }
}
