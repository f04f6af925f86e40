import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { SlipwayError } from "@slipway/base";
import { damaged } from "../manifest/decode.ts";
import type { Digest } from "../manifest/digest.ts";
import type { BlobRef } from "../manifest/image-manifest.ts";
import type { LayerPlan } from "../manifest/plan-layers.ts";
import { tarBlock, tarHeader, tarPadding } from "../manifest/tar-header.ts";
import { findLayer, located } from "./layer-pieces.ts";
import { PieceFile, type RangeReader } from "./piece-file.ts";
import { blobPath, type StorePaths } from "./store-paths.ts";

const chunkBytes = 2 ** 20;

async function openBlob(paths: StorePaths, digest: Digest): Promise<FileHandle> {
  try {
    return await open(blobPath(paths, digest), "r");
  } catch (caught) {
    throw (caught as NodeJS.ErrnoException).code === "ENOENT" ? absent(digest) : caught;
  }
}

/** Opens a layer for reading, whether it is a blob or pieces of others. Throws as {@link readBlob}; an open one can be read to its end. */
export async function openLayer(paths: StorePaths, { digest, size }: BlobRef): Promise<PieceFile> {
  const pieces = await findLayer(paths, digest, size);
  if (pieces === undefined) throw absent(digest);
  try {
    return await PieceFile.open(located(paths, pieces));
  } catch (caught) {
    throw (caught as NodeJS.ErrnoException).code === "ENOENT" ? absent(digest) : caught;
  }
}

function absent(digest: Digest): SlipwayError {
  return new SlipwayError("notFound", `The bundle store has no ${digest}.`, {
    hint: "Build the model with `slipway build`, in the home that is to serve it.",
  });
}

/** A whole small blob, verified by its digest. Throws `notFound` when it is not in the store. */
export async function readBlob(paths: StorePaths, digest: Digest, limit: number): Promise<Buffer> {
  const handle = await openBlob(paths, digest);
  try {
    const { size } = await handle.stat();
    if (size > limit) throw damaged(`its blob ${digest} has ${size} bytes, more than ${limit}`);
    const bytes = Buffer.alloc(size);
    let at = 0;
    for await (const chunk of readRange(handle, 0, size)) at += chunk.copy(bytes, at);
    if (createHash("sha256").update(bytes).digest("hex") !== digest.slice("sha256:".length)) throw corrupt(digest);
    return bytes;
  } finally {
    await handle.close();
  }
}

/** `size` bytes from `offset`, in chunks of their own; throws when the file is shorter. */
export async function* readRange(handle: RangeReader, offset: number, size: number): AsyncGenerator<Buffer> {
  let at = offset;
  while (at < offset + size) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, offset + size - at));
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) throw damaged("one of its blobs ends early");
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

/** Reads a whole layer: its bytes must have its digest and be the very tar its file list describes, with nothing else in it. */
export async function verifyLayer(paths: StorePaths, digest: Digest, plan: LayerPlan): Promise<void> {
  await verifyFile(await openLayer(paths, { digest, size: plan.size }), digest, plan);
}

/** As {@link verifyLayer}, of an open file, which is closed. */
export async function verifyFile(handle: PieceFile, digest: Digest, plan: LayerPlan): Promise<void> {
  try {
    const hash = createHash("sha256");
    let at = 0;
    let asDescribed = true;
    const demand = async (expected: Buffer) => {
      const found: Buffer[] = [];
      for await (const chunk of readRange(handle, at, expected.length)) found.push(chunk);
      at += expected.length;
      const bytes = Buffer.concat(found);
      hash.update(bytes);
      asDescribed &&= bytes.equals(expected);
    };
    for (const { path, size } of plan.files) {
      await demand(tarHeader(path, size));
      for await (const chunk of readRange(handle, at, size)) hash.update(chunk);
      at += size;
      await demand(Buffer.alloc(tarPadding(size)));
    }
    await demand(Buffer.alloc(2 * tarBlock));
    if (hash.digest("hex") !== digest.slice("sha256:".length)) throw corrupt(digest);
    if (!asDescribed) throw damaged(`its layer ${digest} is not the archive its file list describes`);
  } finally {
    await handle.close();
  }
}

/** A blob whose bytes are not those its name promises. */
export function corrupt(digest: Digest): SlipwayError {
  return damaged(`the bytes of ${digest} on this disk are not the ones of that digest`);
}
