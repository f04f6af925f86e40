import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@slipway/base";
import { makeFolder } from "./make-folder.ts";
import { type StorePaths, storePaths } from "./store-paths.ts";

/** Fewer bytes are not worth keeping. */
const worthKeeping = 2 ** 20;
/** A transfer that nobody took up again for this long is forgotten. */
const forgottenMs = 7 * 24 * 3600 * 1000;

/** Keeps the blobs that a dead process was fetching into a temporary directory: whoever fetches them again reads and checks what is there. */
export async function rescuePartial(paths: StorePaths, left: string): Promise<void> {
  const { blobs } = storePaths(left);
  for (const name of await namesIn(blobs)) {
    const location = join(blobs, name);
    const found = await stat(location).catch(() => undefined);
    if (found === undefined || found.size < worthKeeping || !/^[0-9a-f]{64}$/.test(name)) continue;
    await makeFolder(paths.partial);
    await rename(location, join(paths.partial, name)).catch(() => {});
  }
}

/** Deletes parts of transfers that nobody has taken up again. */
export async function forgetPartial(paths: StorePaths, clock: Clock): Promise<void> {
  for (const name of await namesIn(paths.partial)) {
    const location = join(paths.partial, name);
    const found = await stat(location).catch(() => undefined);
    if (found !== undefined && clock.now() - found.mtimeMs > forgottenMs) await rm(location, { force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
