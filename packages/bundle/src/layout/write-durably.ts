import { open, rename, rm, writeFile } from "node:fs/promises";
import { temporaryPath } from "./temporary.ts";

/** Replaces `target` by these bytes, whole or not at all, also when the power fails. `temporary` is a folder of the same file system. */
export async function writeDurably(target: string, bytes: string | Buffer, temporary: string, folder: string): Promise<void> {
  const draft = temporaryPath(temporary);
  try {
    await writeFile(draft, bytes, { flag: "wx", flush: true });
    await rename(draft, target);
  } catch (caught) {
    await rm(draft, { force: true });
    throw caught;
  }
  await syncFolder(folder);
}

/** Makes renames into a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
