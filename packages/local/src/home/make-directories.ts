import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes a directory and those above it, mode 0700; nothing happens when it is there. Not Node's recursive `mkdir`, which never returns where the system answers ENOENT to every attempt, as /proc does. */
export async function makeDirectories(path: string): Promise<void> {
  if (await made(path)) return;
  await makeDirectories(dirname(path));
  // Its parent is there now: a second ENOENT is the system's refusal.
  if (!(await made(path))) throw Object.assign(new Error(`no directory can be made at ${path}`), { code: "ENOENT" });
}

/** False when the parent is missing, or seems to be. */
async function made(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" && dirname(path) !== path) return false;
    // On a read-only file system, and for `/`, the answer for a directory that is there need not be EEXIST.
    if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return true;
    throw error;
  }
}
