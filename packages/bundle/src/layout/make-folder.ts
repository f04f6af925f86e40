import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes a folder and those above it. Node's own recursive mkdir says "no such file" of a read-only disk, which would hide the reason. */
export async function makeFolder(location: string): Promise<void> {
  try {
    await mkdir(location);
  } catch (caught) {
    const code = (caught as NodeJS.ErrnoException).code;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(location) === location) throw caught;
    await makeFolder(dirname(location));
    await mkdir(location).catch((again: NodeJS.ErrnoException) => {
      if (again.code !== "EEXIST") throw again;
    });
  }
}
