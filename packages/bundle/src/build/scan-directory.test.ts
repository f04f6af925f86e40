import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmod, link, mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { scratch, writeFiles } from "../testing/scratch.ts";
import { defaultBundleLimits } from "./bundle-limits.ts";
import { scanDirectory } from "./scan-directory.ts";

test("plain files are found, sorted by path, whatever order they were made in", async (t) => {
  const directory = await writeFiles(await scratch(t), {
    "z.txt": "z",
    "samples/2.json": "2",
    "model.onnx": "m",
    "samples/1.json": "1",
  });
  const { files, problems } = await scanDirectory(directory, defaultBundleLimits);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    files.map(({ path, size }) => [path, size]),
    [
      ["model.onnx", 1],
      ["samples/1.json", 1],
      ["samples/2.json", 1],
      ["z.txt", 1],
    ],
  );
});

test("links, FIFOs, sockets, set-uid files, dotfiles and odd names are all told at once", async (t) => {
  const directory = await writeFiles(await scratch(t), {
    "model.onnx": "m",
    "suid.bin": "s",
    ".env": "TOKEN=1",
    "a\nb": "x",
    "é.txt": "x",
  });
  const outside = await writeFiles(await scratch(t), { "secret.txt": "s", "folder/file": "f" });
  await symlink(join(outside, "secret.txt"), join(directory, "soft.txt"));
  await symlink(join(outside, "folder"), join(directory, "softfolder"));
  await symlink("nowhere", join(directory, "dangling"));
  await link(join(outside, "secret.txt"), join(directory, "hard.txt"));
  await chmod(join(directory, "suid.bin"), 0o4755);
  execFileSync("mkfifo", [join(directory, "fifo")]);
  const server = createServer().listen(join(directory, "socket"));
  t.after(() => server.close());
  await once(server, "listening");

  const { files, problems } = await scanDirectory(directory, defaultBundleLimits);
  assert.deepEqual(
    files.map(({ path }) => path),
    ["model.onnx"],
  );
  const told = new Map(problems.map(({ path, message }) => [path, message]));
  assert.equal(told.size, 10);
  for (const name of ["soft.txt", "softfolder", "dangling"]) assert.match(told.get(name)!, /symbolic link/);
  assert.match(told.get("hard.txt")!, /hard link/);
  assert.match(told.get("suid.bin")!, /set-uid/);
  for (const name of ["fifo", "socket"]) assert.match(told.get(name)!, /FIFO or socket/);
  assert.match(told.get('".env"')!, /secret/);
  assert.match(told.get('"a\\nb"')!, /ASCII/);
});

test("what version control and desktops leave is passed over", async (t) => {
  const directory = await writeFiles(await scratch(t), {
    "model.onnx": "m",
    ".git/config": "x",
    ".gitignore": "x",
    "samples/.DS_Store": "x",
  });
  const { files, problems } = await scanDirectory(directory, defaultBundleLimits);
  assert.deepEqual([files.map(({ path }) => path), problems], [["model.onnx"], []]);
});

test("names that differ only in case are refused", async (t) => {
  const directory = await writeFiles(await scratch(t), { "labels.txt": "a", "Labels.txt": "b" });
  const { problems } = await scanDirectory(directory, defaultBundleLimits);
  assert.match(problems[0]!.message, /only in case/);
});

test("too many files, too deep, too large: refused early", async (t) => {
  const directory = await writeFiles(await scratch(t), { "a/b/c/d.bin": "12345", "e.bin": "12345", "f.bin": "1" });
  const scan = (limits: Partial<typeof defaultBundleLimits>) => scanDirectory(directory, { ...defaultBundleLimits, ...limits });
  await scan({ files: 3, depth: 3, fileBytes: 5, totalBytes: 11 });
  await assert.rejects(scan({ files: 2 }), { code: "tooLarge", message: /more than 2 files/ });
  await assert.rejects(scan({ depth: 2 }), { code: "tooLarge", message: /more than 2 deep/ });
  await assert.rejects(scan({ fileBytes: 4 }), { code: "tooLarge", message: /a\/b\/c\/d\.bin has 5 bytes/ });
  await assert.rejects(scan({ totalBytes: 10 }), { code: "tooLarge", message: /more than 10 bytes/ });
});

test("at most a hundred problems are listed", async (t) => {
  const directory = await scratch(t);
  for (let i = 0; i < 150; i++) await symlink("nowhere", join(directory, `link-${i}`));
  await assert.rejects(
    scanDirectory(directory, defaultBundleLimits),
    (error: { problems: unknown[] }) => error.problems.length === 100,
  );
});

test("no directory, a file, and a link to a directory", async (t) => {
  const directory = await scratch(t);
  await mkdir(join(directory, "v1"));
  await writeFile(join(directory, "file"), "x");
  await symlink("v1", join(directory, "current"));
  await assert.rejects(scanDirectory(join(directory, "v2"), defaultBundleLimits), { code: "notFound" });
  await assert.rejects(scanDirectory(join(directory, "file/x"), defaultBundleLimits), { code: "notFound" });
  await assert.rejects(scanDirectory(join(directory, "file"), defaultBundleLimits), {
    code: "invalid",
    message: /not a directory/,
  });
  assert.deepEqual((await scanDirectory(join(directory, "current"), defaultBundleLimits)).files, []);
});
