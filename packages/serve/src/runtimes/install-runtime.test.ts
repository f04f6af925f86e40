import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { silentLog, systemClock } from "@slipway/base";
import lock from "../runners/llama/runtime-lock.json" with { type: "json" };
import { installRuntime, type RuntimePackages } from "./install-runtime.ts";
import { platformLock } from "./platform-lock.ts";

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-runtime-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test("the lock for a machine demands its native part, and offers no other", () => {
  for (const native of ["@node-llama-cpp/linux-x64", "@node-llama-cpp/mac-arm64-metal"]) {
    const { manifest, lock: part } = platformLock(lock, native);
    const version = lock.packages["node_modules/node-llama-cpp"].version;
    assert.deepEqual(manifest.dependencies, { "node-llama-cpp": version, [native]: version });
    const needed = Object.entries(part.packages).filter(([name, { optional }]) => name.includes("@node-llama-cpp/") && !optional);
    assert.deepEqual(
      needed.map(([name]) => name),
      [`node_modules/${native}`],
    );
  }
});

test("every package of the lock has its digest", () => {
  const { "": _, ...packages } = lock.packages;
  for (const [name, entry] of Object.entries(packages)) assert.match(entry.integrity, /^sha512-/, name);
});

test("what cannot be had is refused with the reason, and nothing is left behind", async (t) => {
  const folder = await scratch(t);
  const runtime: RuntimePackages = {
    name: "broken",
    title: "broken 1.0.0",
    // A lock that does not fit its manifest: npm refuses it without asking anybody.
    lock: {
      name: "x",
      version: "1.0.0",
      lockfileVersion: 3,
      packages: { "": { dependencies: { a: "1.0.0" }, optionalDependencies: { b: "1.0.0" } } },
    },
    native: () => "b",
  };
  await assert.rejects(installRuntime(runtime, { folder, clock: systemClock, log: silentLog }), {
    code: "unavailable",
    message: /^broken 1\.0\.0, which this model runs on, cannot be installed: .+\.$/,
  });
  assert.deepEqual(await readdir(folder), []);
});

test("a machine that a runtime is not made for is told so", async (t) => {
  const runtime: RuntimePackages = { name: "x", title: "x 1", lock, native: () => undefined };
  const folder = await scratch(t);
  await assert.rejects(installRuntime(runtime, { folder, clock: systemClock, log: silentLog }), { code: "unimplemented" });
});
