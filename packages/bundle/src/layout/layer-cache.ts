import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BundleLimits } from "../build/bundle-limits.ts";
import type { FoundFile } from "../build/scan-directory.ts";
import type { LayerReuse } from "../build/stage-bundle.ts";
import type { KnownChunks } from "../build/write-chunked-layer.ts";
import type { WrittenLayer } from "../build/write-layer.ts";
import type { Chunk } from "../chunks/chunk.ts";
import { type Digest, isDigest } from "../manifest/digest.ts";
import type { LayerPlan } from "../manifest/plan-layers.ts";
import { verifyLayer } from "./blob-reader.ts";
import { rememberChunks } from "./chunk-index.ts";
import { knownChunks } from "./known-chunks.ts";
import { type BlobPiece, findLayer, located } from "./layer-pieces.ts";
import type { Piece } from "./piece-file.ts";
import type { StorePaths } from "./store-paths.ts";
import { temporaryPath } from "./temporary.ts";

/** How long a file must have been left alone before it is remembered: longer than a tick of the file system's clock. */
const fineTickMs = 50;
/** The same where times are whole seconds (FAT, some network file systems). */
const coarseTickMs = 2000;

/**
 * Remembers which layer a large file became, or an environment by the file that comes first in it. A file counts as unchanged when device, inode, size, modification time and change time are
 * the same, as in Git's index; the last cannot be set by a program, so a restored mtime fools nothing. What it finds is a blob of the store,
 * which opening verifies like any other. It is only ever a reason not to read a file, and may be deleted at any time.
 */
export class LayerCache implements LayerReuse {
  private readonly paths: StorePaths;
  private readonly limits: BundleLimits;

  constructor(paths: StorePaths, limits: BundleLimits) {
    this.paths = paths;
    this.limits = limits;
  }

  known(path: string, size: number, power: number): Promise<KnownChunks | undefined> {
    return knownChunks(this.paths, this.limits, { path, size, power });
  }

  async learn(layer: Digest, power: number, chunks: readonly Chunk[]): Promise<void> {
    await rememberChunks(this.paths, layer, power, chunks);
  }

  locate(pieces: readonly BlobPiece[]): Piece[] {
    return located(this.paths, pieces);
  }

  async isWhole(layer: Digest, plan: LayerPlan): Promise<boolean> {
    return verifyLayer(this.paths, layer, plan).then(
      () => true,
      () => false,
    );
  }

  async find(file: FoundFile, plan: LayerPlan): Promise<(WrittenLayer & { readonly pieces: readonly Piece[] }) | undefined> {
    try {
      const { layer, contents } = JSON.parse(await readFile(this.location(file, plan), "utf8")) as Record<string, unknown>;
      if (!isDigest(layer) || !Array.isArray(contents) || !contents.every(isDigest)) return undefined;
      const pieces = contents.length === plan.files.length ? await findLayer(this.paths, layer, plan.size) : undefined;
      return pieces === undefined ? undefined : { digest: layer, files: contents, pieces: located(this.paths, pieces) };
    } catch {
      return undefined;
    }
  }

  async record(file: FoundFile, plan: LayerPlan, layer: WrittenLayer, readAt: number): Promise<void> {
    const coarse = file.stat.ctimeNs % 1_000_000_000n === 0n;
    const changedAt = Number(file.stat.ctimeNs / 1_000_000n);
    if (readAt - changedAt < (coarse ? coarseTickMs : fineTickMs)) return;
    const draft = temporaryPath(this.paths.temporary);
    await writeFile(draft, JSON.stringify({ layer: layer.digest, contents: layer.files }));
    await rename(draft, this.location(file, plan));
  }

  /** Forgets everything, so that the next build reads every file: what a damaged blob calls for. */
  async clear(): Promise<void> {
    try {
      for (const name of await readdir(this.paths.cache)) await rm(join(this.paths.cache, name), { force: true });
    } catch {
      // In a store that cannot be written nothing is built either.
    }
  }

  private location({ stat: { dev, ino, size, mtimeNs, ctimeNs } }: FoundFile, { files }: LayerPlan): string {
    const identity = [files[0]!.path, dev, ino, size, mtimeNs, ctimeNs].join("\0");
    return join(this.paths.cache, createHash("sha256").update(identity).digest("hex"));
  }
}

/** Remembers nothing. */
export const noReuse: LayerReuse = {
  find: async () => undefined,
  record: async () => {},
  known: async () => undefined,
  learn: async () => {},
  locate: () => [],
  isWhole: async () => false,
};
