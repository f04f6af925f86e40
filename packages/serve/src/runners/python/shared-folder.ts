import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Memory as files, where the system has it. */
const memoryFolder = "/dev/shm";
const prefix = "slipway-";

/** A new private folder whose files are memory, or, where there is none such, lie in the folder of temporary files. What dead processes left there is removed. */
export function sharedFolder(): string {
  const parent = isFolder(memoryFolder) ? memoryFolder : tmpdir();
  for (const name of readdirSync(parent)) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner !== undefined && !alive(Number(owner))) rmSync(join(parent, name), { recursive: true, force: true });
  }
  try {
    return mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  } catch {
    const fallback = join(tmpdir(), `${prefix}${process.pid}-shared`);
    mkdirSync(fallback, { recursive: true, mode: 0o700 });
    return fallback;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (caught) {
    return (caught as NodeJS.ErrnoException).code === "EPERM";
  }
}
