import { appendFileSync, closeSync, existsSync, ftruncateSync, openSync, readSync, renameSync, statSync } from "node:fs";
import { copyFile, rm, stat, truncate } from "node:fs/promises";

/** How many rotated files stay beside a log; `.1` is the newest. */
export const keptLogs = 3;

/**
 * Cuts a log that is above `maxBytes`: its content moves to `.1`, older files one further, the last is dropped. Returns whether it did.
 *
 * The content is copied and the file cut in place (not renamed and opened anew), because the processes that write hold its file
 * descriptor: they cannot be told to open another, and the file must go on after the death of the supervisor, which a pipe would not.
 */
export async function rotateLog(path: string, maxBytes: number): Promise<boolean> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size <= maxBytes) return false;
  const copy = `${path}.tmp`;
  try {
    await copyFile(path, copy);
    cutAfterCopying(path, copy);
  } catch (error) {
    await rm(copy, { force: true });
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
    // On a full disk old lines go first: requests matter more than logs.
    await truncate(path);
    return true;
  }
  for (let index = keptLogs - 1; index >= 1; index--) {
    if (existsSync(`${path}.${index}`)) renameSync(`${path}.${index}`, `${path}.${index + 1}`);
  }
  // Last, after the cut: a reader that sees a new `.1` knows that the log begins at 0 again.
  renameSync(copy, `${path}.1`);
  return true;
}

/** Copies what was written during the copy, then cuts, without giving up the thread: only lines written in these microseconds are lost. */
function cutAfterCopying(path: string, copy: string): void {
  const log = openSync(path, "r+");
  try {
    const chunk = Buffer.alloc(64 * 1024);
    for (let position = statSync(copy).size; ; ) {
      const read = readSync(log, chunk, 0, chunk.length, position);
      if (read === 0) break;
      appendFileSync(copy, chunk.subarray(0, read));
      position += read;
    }
    ftruncateSync(log, 0);
  } finally {
    closeSync(log);
  }
}
