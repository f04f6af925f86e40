import { createHash, randomBytes } from "node:crypto";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import type { Clock } from "@slipway/base";
import { makeFolder } from "./make-folder.ts";

/** After this long a temporary directory of another machine (or of a process whose id was given to another) is taken for abandoned. */
const abandonedMs = 24 * 3600 * 1000;

const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** A new name in `parent` that tells which process of which machine it belongs to. */
export function temporaryPath(parent: string): string {
  return join(parent, `${host}-${process.pid}-${randomBytes(6).toString("hex")}`);
}

/** Runs `work` with a new empty directory in `parent`, and removes the directory however it ends. */
export async function withTemporary<T>(parent: string, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = temporaryPath(parent);
  await makeFolder(directory);
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Deletes a file or directory so that no one ever meets half of it: first it gets another name in `parent`. */
export async function discard(location: string, parent: string): Promise<void> {
  const doomed = temporaryPath(parent);
  try {
    await rename(location, doomed);
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === "ENOENT") return;
    throw caught;
  }
  await rm(doomed, { recursive: true, force: true });
}

/** Removes what dead processes left in `parent`; `rescue` is shown each directory before. */
export async function sweepTemporary(parent: string, clock: Clock, rescue?: (location: string) => Promise<void>): Promise<void> {
  for (const name of await readdir(parent)) {
    const location = join(parent, name);
    if (!(await abandoned(location, clock))) continue;
    await rescue?.(location);
    await rm(location, { recursive: true, force: true });
  }
}

async function abandoned(location: string, clock: Clock): Promise<boolean> {
  const [owner, pid] = basename(location).split("-");
  if (owner === host && !alive(Number(pid))) return true;
  try {
    return clock.now() - (await stat(location)).mtimeMs > abandonedMs;
  } catch {
    return false;
  }
}

function alive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (caught) {
    return (caught as NodeJS.ErrnoException).code === "EPERM";
  }
}
