// A start is as fast as it loads little: each command and process loads what it needs, and none of the large libraries beside that.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const main = join(import.meta.dirname, "main.ts");
const listLoaded = join(import.meta.dirname, "testing", "list-loaded.ts");
const model = join(import.meta.dirname, "..", "..", "..", "examples", "digits", "v1");

/** The files that a command line loads until it ends by itself or, once it has written its first line, on SIGTERM. */
async function filesOf(t: TestContext, ...args: string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-loaded-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const list = join(folder, "loaded.json");
  const env = { ...process.env, SLIPWAY_HOME: join(folder, "home"), LIST_LOADED: list };
  const child = spawn(process.execPath, ["--import", listLoaded, main, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.once("data", () => child.kill("SIGTERM"));
  await once(child, "exit");
  return (JSON.parse(await readFile(list, "utf8")) as { files: string[] }).files;
}

/** Libraries, packages and commands among the files. */
function partsOf(files: readonly string[]): Set<string> {
  const names = files.map((file) => {
    const library = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
    return library ?? /\/(packages\/[^/]+)\//.exec(file)?.[1] ?? /\/commands\/[^/]+$/.exec(file)?.[0].replace(/^\//, "");
  });
  return new Set(names.filter((name) => name !== undefined));
}

test("serving a model loads nothing of the other commands, of registries, clusters and schemas", async (t) => {
  const files = await filesOf(t, "serve", model, "--port", "0", "--parameter", "maxBatchSize=1");
  assert.ok(
    files.some((file) => file.endsWith("/serve-bundle.ts")),
    "the list is of what was loaded",
  );
  const parts = partsOf(files);
  for (const needless of [
    "undici",
    "zod",
    "yaml",
    "@peculiar/x509",
    "packages/kubernetes",
    "packages/control",
    "packages/client",
    "packages/store",
    "packages/gateway",
    "packages/api",
  ]) {
    assert.ok(!parts.has(needless), needless);
  }
  const commands = [...parts].filter((part) => part.startsWith("commands/"));
  assert.ok(commands.includes("commands/serve.ts") && !commands.includes("commands/apply.ts"), commands.join());
});

test("saying the version loads no more than the command line", async (t) => {
  const parts = partsOf(await filesOf(t, "version"));
  assert.ok(parts.has("commands/version.ts") && parts.has("commander"));
  for (const needless of [
    "undici",
    "zod",
    "yaml",
    "onnxruntime-node",
    "packages/serve",
    "packages/bundle",
    "packages/kubernetes",
  ]) {
    assert.ok(!parts.has(needless), needless);
  }
});
