import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "@slipway/base";
import { BundleStore, type BundleStoreOptions } from "../layout/bundle-store.ts";

/** An empty directory that goes away with the test. */
export async function scratch(t: Pick<TestContext, "after">): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-bundle-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** An empty store that goes away with the test. */
export async function scratchStore(t: Pick<TestContext, "after">, limits?: BundleStoreOptions["limits"]): Promise<BundleStore> {
  const directory = await scratch(t);
  return new BundleStore(join(directory, "bundles"), { clock: systemClock, ...(limits === undefined ? {} : { limits }) });
}

/** Writes files by path below `directory`, in the order given, and returns it. */
export async function writeFiles(directory: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    const location = join(directory, path);
    await mkdir(dirname(location), { recursive: true });
    await writeFile(location, content);
  }
  return directory;
}

/** Where the example's model directories are. */
export const digits = join(import.meta.dirname, "../../../../examples/digits");
