import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { lstat, mkdir, rename, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { damaged } from "../manifest/decode.ts";
import { hexOf } from "../manifest/digest.ts";
import { environmentRoot, isEnvironmentPath } from "../manifest/file-path.ts";
import { checkLayerSizes, type LoadedBundle, type StoredFile } from "./load-bundle.ts";
import { makeFolder } from "./make-folder.ts";
import { type StorePaths, unpackedPath } from "./store-paths.ts";
import { readStoredFile } from "./stored-bundle.ts";
import { discard, withTemporary } from "./temporary.ts";

/**
 * A directory with a bundle's files, read-only and each verified by its digest: the one that is there, or a new one that appears whole.
 * Several processes may do this at once; the first to finish wins and the others check its work. One that is there can be used from a
 * read-only store; `prepare` makes the store's folders before anything is written. An environment is unpacked once for all bundles that
 * have it; each has a link to it.
 */
export async function unpackBundle(paths: StorePaths, bundle: LoadedBundle, prepare: () => Promise<void>): Promise<string> {
  const all = [...bundle.files.values()];
  const environment = all.filter(({ path }) => isEnvironmentPath(path));
  const own = all.filter(({ path }) => !isEnvironmentPath(path));
  const start = async () => {
    await checkLayerSizes(paths, bundle);
    await prepare();
  };
  const layer = environment[0]?.layer;
  const shared = layer === undefined ? undefined : join(paths.environments, hexOf(layer.digest));
  if (shared !== undefined) {
    await makeFolder(paths.environments);
    // Python may keep compiled files in the folder beside the environment, which nothing of a bundle lies in.
    await unpackFiles(
      paths,
      shared,
      environment,
      start,
      async (draft) => void (await mkdir(join(draft, "compiled"), { mode: 0o700 })),
    );
  }
  const target = unpackedPath(paths, bundle.digest);
  await unpackFiles(paths, target, own, start, async (draft) => {
    if (shared === undefined) return;
    await symlink(relative(target, join(shared, environmentRoot)), join(draft, environmentRoot));
  });
  return target;
}

async function unpackFiles(
  paths: StorePaths,
  target: string,
  files: readonly StoredFile[],
  start: () => Promise<void>,
  finish?: (draft: string) => Promise<void>,
): Promise<void> {
  if (await isUnpacked(target, files)) return;
  await start();
  await makeFolder(dirname(target));
  await discard(target, paths.temporary);
  await withTemporary(paths.temporary, async (draft) => {
    for (const file of files) {
      const location = join(draft, file.path);
      await makeFolder(dirname(location));
      await pipeline(
        readStoredFile(paths, file),
        createWriteStream(location, { flags: "wx", mode: 0o444, highWaterMark: 2 ** 22 }),
      );
    }
    await finish?.(draft);
    try {
      await rename(draft, target);
    } catch (caught) {
      if (!["ENOTEMPTY", "EEXIST"].includes((caught as NodeJS.ErrnoException).code ?? "")) throw caught;
      if (!(await isUnpacked(target, files))) throw damaged("another process unpacked it and left something else");
    }
  });
}

async function isUnpacked(target: string, files: readonly StoredFile[]): Promise<boolean> {
  for (const { path, size, digest } of files) {
    const location = join(target, path);
    try {
      const stat = await lstat(location);
      if (!stat.isFile() || stat.size !== size) return false;
    } catch (caught) {
      if (["ENOENT", "ENOTDIR"].includes((caught as NodeJS.ErrnoException).code ?? "")) return false;
      throw caught;
    }
    if ((await hashOf(location, size)) !== digest.slice("sha256:".length)) return false;
  }
  return true;
}

async function hashOf(location: string, size: number): Promise<string> {
  const hash = createHash("sha256");
  // An environment is thousands of small files: a stream for each would take longer than the hashes.
  if (size < 2 ** 20) hash.update(readFileSync(location));
  else for await (const chunk of createReadStream(location, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
