import assert from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { withDirectory } from "../../fixtures/temporary-directory.ts";
import { replaceFile } from "./replace-file.ts";

test("replaceFile writes a private file and replaces it whole", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "token");
    await writeFile(path, "a longer text than the next");
    await replaceFile(path, "new");
    assert.equal(await readFile(path, "utf8"), "new");
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(directory), ["token"]);
  }));

test("replaceFile leaves the old content and nothing else when it fails", () =>
  withDirectory(async (directory) => {
    await writeFile(join(directory, "file"), "old");
    await assert.rejects(replaceFile(join(directory, "file", "inner"), "new"), { code: "ENOTDIR" });
    await assert.rejects(replaceFile(directory, "new"));
    assert.deepEqual(await readdir(directory), ["file"]);
  }));
