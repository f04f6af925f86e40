import assert from "node:assert/strict";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { silentLog, systemClock } from "@slipway/base";
import { eventually, TestPlatform } from "../../fixtures/platform.ts";
import { withDirectory } from "../../fixtures/temporary-directory.ts";
import { keepLogs } from "./log-keeper.ts";
import { readLog } from "./read-log.ts";

test("keepLogs rotates the log of a process that goes on writing", async () => {
  const platform = await TestPlatform.create();
  const stop = new AbortController();
  try {
    await platform.startSupervisor();
    const spec = platform.spec("a", "chatty");
    await platform.start(spec);
    const keeping = keepLogs(
      {
        directory: platform.home.logs,
        active: () => new Set([spec.logPath]),
        clock: systemClock,
        log: silentLog,
        maxBytes: 20_000,
        periodMs: 20,
      },
      stop.signal,
    );
    await eventually("the log was rotated twice", () => readFile(`${spec.logPath}.2`).catch(() => undefined));
    stop.abort();
    await keeping;
    const tail = await Array.fromAsync(
      readLog({ path: spec.logPath, tail: 50, clock: systemClock, signal: new AbortController().signal }),
    );
    assert.equal(tail.length, 50);
    assert.ok(
      tail.every((line) => line === "x".repeat(200)),
      "no line was torn",
    );
  } finally {
    stop.abort();
    await platform.close();
  }
});

test("keepLogs removes old logs that nobody writes", () =>
  withDirectory(async (directory) => {
    const folder = join(directory, "default");
    await mkdir(folder);
    for (const name of ["old.log", "old.log.1", "active.log", "recent.log", "note.txt"]) {
      await writeFile(join(folder, name), "");
      if (name !== "recent.log") await utimes(join(folder, name), 0, 0);
    }
    await writeFile(join(directory, "supervisor.log"), "");
    await utimes(join(directory, "supervisor.log"), 0, 0);
    const stop = new AbortController();
    const active = () => new Set([join(folder, "active.log")]);
    const keeping = keepLogs({ directory, active, clock: systemClock, log: silentLog }, stop.signal);
    await eventually("old logs are removed", async () => (await readdir(folder)).length === 3);
    stop.abort();
    await keeping;
    assert.deepEqual((await readdir(folder)).sort(), ["active.log", "note.txt", "recent.log"]);
    assert.deepEqual((await readdir(directory)).sort(), ["default", "supervisor.log"]);
  }));
