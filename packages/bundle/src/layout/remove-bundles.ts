import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, hexOf, parseDigest } from "../manifest/digest.ts";
import { blobsOfPieces } from "./layer-pieces.ts";
import { type IndexEntry, readIndex, readReferrerEntries, writeIndex } from "./layout-index.ts";
import { blobPath, piecesPath, type StorePaths } from "./store-paths.ts";
import { discard } from "./temporary.ts";

/**
 * Takes a bundle out of the index, then deletes the blobs only it had, and its unpacked files. Whoever has a blob open reads it to its end.
 * Call with the store locked. False when the store has no such bundle.
 */
export async function removeBundle(paths: StorePaths, digest: Digest): Promise<boolean> {
  const entries = await readIndex(paths);
  const rest = entries.filter((entry) => entry.digest !== digest);
  if (rest.length === entries.length) return false;
  const own = await referencesOf(paths, digest);
  await writeIndex(paths, rest);
  const needed = await referencesOfAll(paths, rest);
  for (const blob of own) await dropUnless(needed.has(blob), paths, blob);
  await discard(join(paths.unpacked, hexOf(digest)), paths.temporary);
  await removeEnvironments(paths, needed);
  return true;
}

/** Deletes blobs, unpacked files and cache records that no bundle of the index needs: what crashes left. Call with the store locked. */
export async function removeUnreferenced(paths: StorePaths): Promise<void> {
  const entries = await readIndex(paths);
  const needed = await referencesOfAll(paths, entries);
  for (const name of await readdir(paths.blobs)) {
    if (!needed.has(`sha256:${name}`)) await rm(join(paths.blobs, name), { force: true });
  }
  for (const name of await list(paths.pieces)) {
    if (!needed.has(`sha256:${name}`)) await rm(join(paths.pieces, name), { force: true });
  }
  const bundles = new Set(entries.map(({ digest }) => hexOf(digest)));
  for (const name of await list(paths.unpacked)) {
    if (!bundles.has(name)) await discard(join(paths.unpacked, name), paths.temporary);
  }
  await removeEnvironments(paths, needed);
  for (const name of await readdir(paths.cache)) {
    const record = await readFile(join(paths.cache, name), "utf8");
    const [layer] = digestsIn(record);
    if (layer === undefined || !needed.has(layer)) await rm(join(paths.cache, name), { force: true });
  }
}

/** Deletes unpacked environments whose layer no bundle has. */
async function removeEnvironments(paths: StorePaths, needed: ReadonlySet<string>): Promise<void> {
  for (const name of await list(paths.environments)) {
    if (!needed.has(`sha256:${name}`)) await discard(join(paths.environments, name), paths.temporary);
  }
}

/** Bytes of the files in a folder and the folders below it. */
export async function bytesBelow(folder: string): Promise<number> {
  let total = 0;
  for (const name of await list(folder)) {
    const location = join(folder, name);
    try {
      // Not through links: an environment counts once.
      const found = await lstat(location);
      total += found.isDirectory() ? await bytesBelow(location) : found.size;
    } catch (caught) {
      if ((caught as NodeJS.ErrnoException).code !== "ENOENT") throw caught;
    }
  }
  return total;
}

async function referencesOfAll(paths: StorePaths, entries: readonly IndexEntry[]): Promise<ReadonlySet<string>> {
  const all = new Set<string>();
  for (const { digest } of entries) for (const blob of await referencesOf(paths, digest)) all.add(blob);
  return all;
}

/** What a bundle and the documents about it name. */
async function referencesOf(paths: StorePaths, digest: Digest): Promise<Digest[]> {
  const documents = (await readReferrerEntries(paths)).filter(({ subject }) => subject === digest);
  const all = [digest, ...documents.map((document) => document.digest)].map((each) => namedBy(paths, each));
  return (await Promise.all(all)).flat();
}

/** A manifest, whatever it names, and what that is made of: read as text, so that a manifest of a later version loses nothing either. */
async function namedBy(paths: StorePaths, digest: Digest): Promise<Digest[]> {
  try {
    const named = digestsIn(await readFile(blobPath(paths, digest), "utf8"));
    const others = await Promise.all(named.map((blob) => blobsOfPieces(paths, blob)));
    return [digest, ...named, ...others.flat()];
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code !== "ENOENT") throw caught;
    return [digest];
  }
}

async function dropUnless(needed: boolean, paths: StorePaths, blob: Digest): Promise<void> {
  if (needed) return;
  await rm(blobPath(paths, blob), { force: true });
  await rm(piecesPath(paths, blob), { force: true });
}

function digestsIn(text: string): Digest[] {
  return [...text.matchAll(/sha256:[0-9a-f]{64}/g)].map(([digest]) => parseDigest(digest));
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (caught) {
    if (["ENOENT", "ENOTDIR"].includes((caught as NodeJS.ErrnoException).code ?? "")) return [];
    throw caught;
  }
}
