import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { systemClock, VirtualClock } from "@slipway/base";
import { scratch, writeFiles } from "../testing/scratch.ts";
import { sweepTemporary, temporaryPath, withTemporary } from "./temporary.ts";

test("what dead processes left is swept; what live ones of any machine use is kept until it is a day old", async (t) => {
  const parent = await scratch(t);
  const mine = basename(temporaryPath(parent));
  const [host, , tail] = mine.split("-");
  const dead = `${host}-${spawnSync("true").pid}-${tail}`;
  const elsewhere = `00000000-1-${tail}`;
  for (const name of [mine, dead, elsewhere]) await mkdir(join(parent, name));
  await writeFiles(parent, { [`${dead}/layer-0`]: "half" });
  await sweepTemporary(parent, systemClock);
  assert.deepEqual((await readdir(parent)).sort(), [mine, elsewhere].sort());
  await sweepTemporary(parent, new VirtualClock(systemClock.now() + 25 * 3600 * 1000));
  assert.deepEqual(await readdir(parent), []);
});

test("a temporary directory goes away when its work fails", async (t) => {
  const parent = join(await scratch(t), "not/yet/there");
  const work = withTemporary(parent, async (directory) => {
    await writeFiles(directory, { "layer-0": "half" });
    throw new Error("stop");
  });
  await assert.rejects(work, /stop/);
  assert.deepEqual(await readdir(parent), []);
});
