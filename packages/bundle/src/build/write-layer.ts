import { createHash } from "node:crypto";
import type { Digest } from "../manifest/digest.ts";
import type { LayerPlan, PlacedFile } from "../manifest/plan-layers.ts";
import { tarBlock, tarHeader, tarPadding } from "../manifest/tar-header.ts";

/** A layer that was written: its digest, and its files' in the order of the plan. */
export interface WrittenLayer {
  readonly digest: Digest;
  readonly files: readonly Digest[];
}

/** Where the bytes of a layer go, in order; done with them when the promise settles. */
export type LayerSink = (bytes: Buffer) => Promise<void>;

/** Writes a layer into `sink`; `read` hands over the bytes of each file. Each byte is hashed while its write is under way. */
export async function writeLayer(
  sink: LayerSink,
  plan: LayerPlan,
  read: (file: PlacedFile, take: (chunk: Buffer) => Promise<void>) => Promise<void>,
): Promise<WrittenLayer> {
  const layerHash = createHash("sha256");
  const append = async (chunk: Buffer, ...hashes: ReturnType<typeof createHash>[]) => {
    const written = sink(chunk);
    for (const hash of [layerHash, ...hashes]) hash.update(chunk);
    await written;
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
  return { digest: `sha256:${layerHash.digest("hex")}`, files };
}
