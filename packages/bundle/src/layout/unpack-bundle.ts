import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { lstat, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { damaged } from "../manifest/decode.ts";
import { checkLayerSizes, type LoadedBundle } from "./load-bundle.ts";
import { makeFolder } from "./make-folder.ts";
import { type StorePaths, unpackedPath } from "./store-paths.ts";
import { readStoredFile } from "./stored-bundle.ts";
import { discard, withTemporary } from "./temporary.ts";

/**
 * A directory with a bundle's files, read-only and each verified by its digest: the one that is there, or a new one that appears whole.
 * Several processes may do this at once; the first to finish wins and the others check its work. One that is there can be used from a
 * read-only store; `prepare` makes the store's folders before anything is written.
 */
export async function unpackBundle(paths: StorePaths, bundle: LoadedBundle, prepare: () => Promise<void>): Promise<string> {
  const target = unpackedPath(paths, bundle.digest);
  if (await isUnpacked(target, bundle)) return target;
  await checkLayerSizes(paths, bundle);
  await prepare();
  await makeFolder(paths.unpacked);
  await discard(target, paths.temporary);
  await withTemporary(paths.temporary, async (draft) => {
    for (const file of bundle.files.values()) {
      const location = join(draft, file.path);
      await makeFolder(dirname(location));
      await pipeline(
        readStoredFile(paths, file),
        createWriteStream(location, { flags: "wx", mode: 0o444, highWaterMark: 2 ** 22 }),
      );
    }
    try {
      await rename(draft, target);
    } catch (caught) {
      if (!["ENOTEMPTY", "EEXIST"].includes((caught as NodeJS.ErrnoException).code ?? "")) throw caught;
      if (!(await isUnpacked(target, bundle))) throw damaged("another process unpacked it and left something else");
    }
  });
  return target;
}

async function isUnpacked(target: string, bundle: LoadedBundle): Promise<boolean> {
  for (const { path, size, digest } of bundle.files.values()) {
    const location = join(target, path);
    try {
      const stat = await lstat(location);
      if (!stat.isFile() || stat.size !== size) return false;
    } catch (caught) {
      if (["ENOENT", "ENOTDIR"].includes((caught as NodeJS.ErrnoException).code ?? "")) return false;
      throw caught;
    }
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(location, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
    if (hash.digest("hex") !== digest.slice("sha256:".length)) return false;
  }
  return true;
}
