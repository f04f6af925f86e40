import { mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** Opens a log for a child process to write to; returns the file descriptor, which the caller closes after the start. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Append mode: after the rotation cut the file, the next write goes to its new end, not to the old offset.
  return openSync(path, "a", 0o600);
}
