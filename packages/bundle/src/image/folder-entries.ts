import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { TarEntry } from "./tar-archive.ts";

/** The files below a folder of this machine as entries below `prefix`: executable or not, and nothing else of who they belong to. */
export async function folderEntries(
  folder: string,
  prefix: string,
  wanted: (path: string) => boolean = () => true,
): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter(wanted)
    .sort();
  for (const name of names) {
    const location = join(folder, name);
    const executable = ((await stat(location)).mode & 0o100) !== 0;
    entries.push({ path: `${prefix}/${name}`, mode: executable ? 0o755 : 0o644, content: await readFile(location) });
  }
  return entries;
}
