import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTar } from "./read-tar.ts";

/** Puts the wanted files of the npm package in the only `.tgz` of a folder into the new folder `target`, which appears whole or not at all. */
export async function unpackNpmPackage(folder: string, target: string, wanted: (path: string) => boolean): Promise<void> {
  const [archive] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  const draft = await mkdtemp(`${target}-`);
  try {
    const { createGunzip } = await import("node:zlib");
    const source = createReadStream(join(folder, archive!));
    const stream = source.on("error", (error) => gunzip.destroy(error));
    const gunzip = createGunzip();
    for await (const { path, type, mode, content } of readTar(stream.pipe(gunzip))) {
      // Everything in it lies in one folder, whatever that one's name.
      const inside = path.slice(path.indexOf("/") + 1);
      if (type !== "file" || !wanted(inside)) continue;
      await mkdir(dirname(join(draft, inside)), { recursive: true });
      await writeFile(join(draft, inside), content, { mode: mode & 0o755 });
    }
    await rename(draft, target).catch(async (caught: NodeJS.ErrnoException) => {
      // Another process was first.
      if (!["ENOTEMPTY", "EEXIST"].includes(caught.code ?? "")) throw caught;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
