import { rename } from "node:fs/promises";
import type { Clock } from "@slipway/base";
import type { StagedBlob, StagedBundle } from "../build/stage-bundle.ts";
import { encodePieces, extents, findLayer, hasBytes } from "./layer-pieces.ts";
import { readIndex, withEntry, writeIndex } from "./layout-index.ts";
import { withStoreLock } from "./store-lock.ts";
import { blobPath, piecesPath, type StorePaths } from "./store-paths.ts";
import { syncFolder, writeDurably } from "./write-durably.ts";

/**
 * Moves a staged bundle into the store: blobs first, the manifest last of them, then the index; a crash between leaves blobs no one refers
 * to, never a bundle that lacks one. False when a blob that was to be reused has been removed meanwhile.
 */
export async function commitBundle(
  paths: StorePaths,
  clock: Clock,
  staged: StagedBundle,
  name: string | undefined,
): Promise<boolean> {
  return await withStoreLock(paths.lock, clock, async () => {
    for (const blob of staged.blobs) if (!(await isComplete(paths, blob))) return false;
    for (const { digest, file, pieces, packs = [] } of staged.blobs) {
      // Also over a blob that is there: these bytes were hashed a moment ago, those may have rotted.
      if (file !== undefined) await rename(file, blobPath(paths, digest));
      for (const pack of packs) await moved(pack.file, blobPath(paths, pack.digest));
      if (pieces !== undefined)
        await writeDurably(piecesPath(paths, digest), encodePieces(pieces), paths.temporary, paths.pieces);
    }
    await syncFolder(paths.blobs);
    const entries = await readIndex(paths);
    const manifestSize = staged.blobs.at(-1)!.size;
    await writeIndex(paths, withEntry(entries, { digest: staged.digest, manifestSize, size: staged.size }, name));
    return true;
  });
}

/** Whether the store still has what a blob takes from it. */
async function isComplete(paths: StorePaths, { digest, size, file, pieces, packs = [] }: StagedBlob): Promise<boolean> {
  if (file !== undefined) return true;
  if (pieces === undefined) return (await findLayer(paths, digest, size)) !== undefined;
  const fresh = new Set(packs.map((pack) => pack.digest));
  for (const [blob, least] of extents(pieces)) if (!fresh.has(blob) && !(await hasBytes(paths, blob, least))) return false;
  return true;
}

/** Moves a file; two layers may share a pack, which the first one moved. */
async function moved(from: string, to: string): Promise<void> {
  await rename(from, to).catch((caught: NodeJS.ErrnoException) => {
    if (caught.code !== "ENOENT") throw caught;
  });
}
