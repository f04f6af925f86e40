import { rename, stat } from "node:fs/promises";
import type { Clock } from "@slipway/base";
import type { StagedBundle } from "../build/stage-bundle.ts";
import { readIndex, withEntry, writeIndex } from "./layout-index.ts";
import { withStoreLock } from "./store-lock.ts";
import { blobPath, type StorePaths } from "./store-paths.ts";
import { syncFolder } from "./write-durably.ts";

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
    for (const { digest, size, reused } of staged.blobs) {
      if (reused && (await sizeOf(blobPath(paths, digest))) !== size) return false;
    }
    for (const { digest, location, reused } of staged.blobs) {
      // Also over a blob that is there: these bytes were hashed a moment ago, those may have rotted.
      if (!reused) await rename(location, blobPath(paths, digest));
    }
    await syncFolder(paths.blobs);
    const entries = await readIndex(paths);
    const manifestSize = staged.blobs.at(-1)!.size;
    await writeIndex(paths, withEntry(entries, { digest: staged.digest, manifestSize, size: staged.size }, name));
    return true;
  });
}

async function sizeOf(location: string): Promise<number | undefined> {
  try {
    return (await stat(location)).size;
  } catch {
    return undefined;
  }
}
