import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";

const launcher = join(import.meta.dirname, "..", "..", "..", "bin", "slipway");

/** An installation with the launcher and, where asked for, something that poses as Node.js and prints its arguments. */
async function installation(
  context: TestContext,
  options: { nodeAt?: string; built?: boolean },
): Promise<{ root: string; bin: string }> {
  const top = await realpath(await mkdtemp(join(tmpdir(), "slipway launcher-")));
  context.after(() => rm(top, { recursive: true, force: true }));
  const root = join(top, "node_modules", "slipway");
  const bin = join(root, "bin", "slipway");
  await mkdir(join(root, "bin"), { recursive: true });
  await copyFile(launcher, bin);
  await chmod(bin, 0o755);
  if (options.nodeAt !== undefined) {
    const node = join(top, options.nodeAt);
    await mkdir(dirname(node), { recursive: true });
    await writeFile(node, '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
  }
  if (options.built) {
    await mkdir(join(root, "lib"));
    await writeFile(join(root, "lib", "main.js"), "");
  }
  return { root, bin };
}

/** Runs it with a PATH that has the three programs it needs and no Node.js. */
async function run(bin: string, ...args: string[]): Promise<{ code: number | null; lines: string[]; stderr: string }> {
  const tools = await mkdtemp(join(tmpdir(), "slipway-tools-"));
  for (const tool of ["uname", "dirname", "readlink"]) {
    const folder = existsSync(`/usr/bin/${tool}`) ? "/usr/bin" : "/bin";
    await symlink(join(folder, tool), join(tools, tool));
  }
  const result = spawnSync(bin, args, { encoding: "utf8", env: { PATH: tools }, cwd: "/" });
  await rm(tools, { recursive: true });
  return { code: result.status, lines: result.stdout.split("\n").slice(0, -1), stderr: result.stderr };
}

test("the launcher runs the sources with the Node.js beside it, and passes arguments as they are", async (context) => {
  const { root, bin } = await installation(context, { nodeAt: "node_modules/slipway/node_modules/.bin/node" });
  const { code, lines } = await run(bin, "predict", "a b", "", "*");
  assert.equal(code, 0);
  assert.deepEqual(lines.slice(-5), [join(root, "apps", "slipway", "src", "main.ts"), "predict", "a b", "", "*"]);
});

test("the launcher finds a hoisted Node.js, through links, and prefers what was built", async (context) => {
  const { root, bin } = await installation(context, { nodeAt: "node_modules/.bin/node", built: true });
  await symlink(bin, join(root, "direct"));
  await symlink("direct", join(root, "relative"));
  assert.ok((await run(join(root, "relative"), "up")).lines.includes(join(root, "lib", "main.js")));
});

test("without the pinned Node.js the launcher names npm ci in one sentence", async (context) => {
  const { bin } = await installation(context, {});
  const { code, lines, stderr } = await run(bin, "up");
  assert.deepEqual([code, lines], [1, []]);
  assert.match(stderr, /^slipway: the pinned Node\.js is not installed; run `npm ci` in .*\.\n$/);
});

test("without it the published package says how to install again", async (context) => {
  const { bin } = await installation(context, { built: true });
  const { code, stderr } = await run(bin, "up");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^slipway: the pinned Node\.js is not installed; install Slipway again with `npm install -g .* slipway`\.\n$/,
  );
});

test("a reader that leaves early ends the command quietly", async () => {
  const child = spawn(launcher, ["completion", "bash"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, "close");
  assert.deepEqual([code, stderr], [0, ""]);
});
