import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, isDigest } from "../manifest/digest.ts";
import { readIndex } from "./layout-index.ts";
import type { StorePaths } from "./store-paths.ts";
import { temporaryPath } from "./temporary.ts";

/** The bundle that was remembered for a key; undefined when the store has it no longer. */
export async function recallBundle(paths: StorePaths, key: string): Promise<Digest | undefined> {
  try {
    const { bundle } = JSON.parse(await readFile(location(paths, key), "utf8")) as { bundle: unknown };
    if (!isDigest(bundle)) return undefined;
    return (await readIndex(paths)).some(({ digest }) => digest === bundle) ? bundle : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps in the cache what a key became. The digest stands first, by which the record goes away with its bundle. */
export async function rememberBundle(paths: StorePaths, key: string, bundle: Digest): Promise<void> {
  const draft = temporaryPath(paths.temporary);
  await writeFile(draft, JSON.stringify({ bundle }));
  await rename(draft, location(paths, key));
}

function location(paths: StorePaths, key: string): string {
  return join(paths.cache, createHash("sha256").update(`bundle ${key}`).digest("hex"));
}
