import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { withDirectory } from "../../fixtures/temporary-directory.ts";
import { HomeLock } from "./home-lock.ts";
import { openHome } from "./open-home.ts";

const holderFile = join(import.meta.dirname, "..", "..", "fixtures", "lock-holder.ts");

test("HomeLock is refused to a second taker, who is told the process and the way out, and is free after SIGKILL", () =>
  withDirectory(async (directory) => {
    const home = await openHome(join(directory, "home"), { runtimeParent: directory });
    const holder = spawn(process.execPath, [holderFile, home.directory, directory], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(holder.stdout, "data");
      assert.equal(await HomeLock.holder(home), holder.pid);
      await assert.rejects(HomeLock.take(home), {
        code: "alreadyExists",
        message: `Slipway already runs on ${home.directory} (process ${holder.pid}).`,
        hint: /slipway down/,
      });
    } finally {
      holder.kill("SIGKILL");
    }
    const lock = await HomeLock.take(home);
    assert.equal(await HomeLock.holder(home), process.pid);
    await lock.release();
    assert.equal(await HomeLock.holder(home), undefined);
  }));

test("HomeLock is refused within one process too, and can be taken again after release", () =>
  withDirectory(async (directory) => {
    const home = await openHome(join(directory, "home"), { runtimeParent: directory });
    const lock = await HomeLock.take(home);
    await assert.rejects(HomeLock.take(home), { code: "alreadyExists" });
    await lock.release();
    await (await HomeLock.take(home)).release();
  }));

test("HomeLock.holder does not believe a note that names another process of the same id", () =>
  withDirectory(async (directory) => {
    const home = await openHome(join(directory, "home"), { runtimeParent: directory });
    await writeFile(home.lockHolder, JSON.stringify({ pid: process.pid, startTime: "long ago" }));
    assert.equal(await HomeLock.holder(home), undefined);
    await writeFile(home.lockHolder, "nonsense");
    assert.equal(await HomeLock.holder(home), undefined);
  }));
