import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, rename, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { scratch, writeFiles } from "../testing/scratch.ts";
import { defaultBundleLimits } from "./bundle-limits.ts";
import { scanDirectory } from "./scan-directory.ts";
import { readSourceFile } from "./source-file.ts";

async function found(t: TestContext) {
  const directory = await writeFiles(await scratch(t), { "w.bin": "x".repeat(100) });
  await tick(directory);
  const { files } = await scanDirectory(directory, defaultBundleLimits);
  return { file: files[0]!, location: join(directory, "w.bin") };
}

/** Waits until the file system's clock has moved on, so that a later change has a later time. */
async function tick(directory: string): Promise<void> {
  const probe = join(directory, "probe");
  const time = async () => {
    await writeFile(probe, "");
    return (await stat(probe, { bigint: true })).ctimeNs;
  };
  const start = await time();
  while ((await time()) === start);
  await rm(probe);
}

const conflict = { code: "conflict", message: /w\.bin changed/ };

test("a file is handed over in order, whole", async (t) => {
  const { file } = await found(t);
  const chunks: string[] = [];
  await readSourceFile(file, Buffer.alloc(60), async (chunk) => void chunks.push(chunk.toString()));
  assert.deepEqual(
    chunks.map(({ length }) => length),
    [30, 30, 30, 10],
  );
});

test("a file that changes while it is read is noticed", async (t) => {
  const changes: ((location: string) => Promise<void>)[] = [
    (location) => appendFile(location, "more"),
    (location) => truncate(location, 50),
    (location) => writeFile(location, "y".repeat(100)),
    async (location) => {
      // The same size, and the modification time set back: the change time tells.
      await writeFile(location, "z".repeat(100));
      await utimes(location, 1, 1);
    },
  ];
  for (const change of changes) {
    const { file, location } = await found(t);
    let once = false;
    const reading = readSourceFile(file, Buffer.alloc(60), async () => {
      if (!once) await change(location);
      once = true;
    });
    await assert.rejects(reading, conflict);
  }
});

test("another file, a link or a FIFO in its place is noticed, without waiting", async (t) => {
  const replacements: ((location: string) => Promise<unknown> | Buffer)[] = [
    (location) => writeFile(location, "x".repeat(100)),
    (location) => symlink("/etc/passwd", location),
    (location) => execFileSync("mkfifo", [location]),
    async () => {},
  ];
  for (const replace of replacements) {
    const { file, location } = await found(t);
    await rename(location, `${location}.old`);
    await replace(location);
    await assert.rejects(
      readSourceFile(file, Buffer.alloc(60), async () => {}),
      conflict,
    );
    await rm(location, { force: true });
  }
});

test("reading stops when it is aborted", async (t) => {
  const { file } = await found(t);
  await assert.rejects(
    readSourceFile(file, Buffer.alloc(60), async () => {}, AbortSignal.abort()),
    { name: "AbortError" },
  );
});
