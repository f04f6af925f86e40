// Full, read-only and damaged disks, copies of a home in use, files that run out (catalogue G13, H): said in a sentence, nothing half done, traffic goes on.
import assert from "node:assert/strict";
import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { platform as system } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { manifest, requestFor } from "./harness/digits.ts";
import { DigitsPlatform } from "./harness/digits-platform.ts";
import { eventually } from "./harness/eventually.ts";
import { noStack } from "./harness/no-stack.ts";
import { echoModel } from "./harness/onnx-file.ts";
import { type CommandResult, root, run, TestPlatform } from "./harness/platform.ts";
import { RawConnection } from "./harness/raw-connection.ts";
import { ScratchFolder } from "./harness/scratch-folder.ts";

let digits: DigitsPlatform;
let scratch: ScratchFolder;
before(async () => {
  scratch = await ScratchFolder.create();
  digits = await DigitsPlatform.up();
});
after(async () => {
  await digits.platform.destroy();
  await scratch.remove();
});

const mayMount = process.getuid?.() === 0 && system() === "linux";
const skip = mayMount ? false : "only root on Linux can mount a small disk";

function sentence(result: CommandResult): void {
  assert.notEqual(result.stderr.trim(), "");
  noStack(result);
}

/** A home on a disk of its own; undefined when this machine does not let even root mount one. */
async function onSmallDisk(options: string): Promise<{ platform: TestPlatform; destroy(): Promise<void> } | undefined> {
  const platform = await TestPlatform.create();
  const mounted = await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", platform.home], { env: {} });
  if (mounted.code !== 0) {
    await platform.destroy();
    return undefined;
  }
  return {
    platform,
    async destroy() {
      await platform.slipway(["down"]);
      await eventually(
        "the disk is not used any more",
        10,
        async () => (await run("umount", [platform.home], { env: {} })).code === 0,
      );
      await platform.destroy();
    },
  };
}

async function infer(platform: TestPlatform): Promise<number> {
  const response = await fetch(`${platform.gateway}/v2/models/digits/infer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: requestFor([1]),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Writes until the disk is full; gives the file to remove. */
async function fill(directory: string): Promise<string> {
  const path = join(directory, "filler");
  await run("dd", ["if=/dev/zero", `of=${path}`, "bs=64k"], { env: {} });
  await run("dd", ["if=/dev/zero", `of=${path}`, "bs=1", "oflag=append", "conv=notrunc", "count=65536"], { env: {} });
  return path;
}

describe("disks", () => {
  test("H2, H5 a full disk: changes and builds are refused in a sentence, reads and requests go on, and all works again with space", {
    skip,
  }, async (t) => {
    const disk = await onSmallDisk("size=24m");
    if (disk === undefined) return t.skip("this machine does not let root mount a disk");
    const { platform } = disk;
    try {
      await platform.start();
      assert.equal((await platform.slipway(["apply", "-f", "-", "--wait"], manifest("v1"))).code, 0);
      const filler = await fill(platform.home);
      const big = await scratch.modelDirectory("big", echoModel("FP32"), { "weights.bin": Buffer.alloc(4 << 20, 1) });
      const build = await platform.slipway(["build", big]);
      assert.equal(build.code, 1, build.stderr);
      assert.match(build.stderr, /disk.*full|full.*disk/s);
      sentence(build);
      assert.deepEqual(await readdir(join(platform.home, "bundles", "tmp")), [], "what was half written is gone");

      // Each change takes space; sooner or later there is none.
      let refused: CommandResult | undefined;
      for (let round = 0; refused === undefined && round < 200; round++) {
        const result = await platform.slipway(["scale", "digits", "--replicas", String(1 + (round % 2))]);
        if (result.code !== 0) refused = result;
      }
      assert.ok(refused !== undefined, "a change was refused");
      t.diagnostic(refused.stderr.trim());
      assert.equal(refused.code, 1, refused.stderr);
      assert.match(refused.stderr, /full/);
      sentence(refused);
      const apply = await platform.slipway(["apply", "-f", "-"], manifest("v2"));
      assert.equal(apply.code, 1, apply.stderr);
      sentence(apply);
      assert.equal((await platform.slipway(["get", "models"])).code, 0);
      for (let round = 0; round < 20; round++) assert.equal(await infer(platform), 200);

      // Nothing can be logged or journalled any more; the platform must live all the same.
      const before = (await platform.processes()).filter(({ command }) => / replica( |$)/.test(command));
      for (const { pid } of before) process.kill(pid, "SIGKILL");
      assert.ok(before.length > 0);
      await eventually("a new replica answers", 20, async () => (await infer(platform)) === 200);
      assert.ok((await platform.processes()).some(({ command }) => / supervisor( |$)/.test(command)));

      await rm(filler);
      const again = await platform.slipway(["apply", "-f", "-", "--wait"], manifest("v1"));
      assert.equal(again.code, 0, again.stderr);
      assert.equal(await infer(platform), 200);
    } finally {
      await disk.destroy();
    }
  });

  test("H6 a home on a read-only disk: a start and a build say so", { skip }, async (t) => {
    const disk = await onSmallDisk("size=64m");
    if (disk === undefined) return t.skip("this machine does not let root mount a disk");
    const { platform } = disk;
    try {
      await platform.start();
      assert.equal((await platform.slipway(["apply", "-f", "-", "--wait"], manifest("v1"))).code, 0);
      const copy = await TestPlatform.create();
      await cp(platform.home, copy.home, { recursive: true });
      assert.equal((await run("mount", ["--bind", copy.home, copy.home], { env: {} })).code, 0);
      try {
        assert.equal((await run("mount", ["-o", "remount,bind,ro", copy.home], { env: {} })).code, 0);
        const result = await copy.slipway(["up", "--detach"]);
        assert.equal(result.code, 1, result.stderr);
        assert.match(result.stderr, /read-only.*--home/s);
        sentence(result);
        const build = await copy.slipway(["build", join(root, "examples", "digits", "v1")]);
        assert.equal(build.code, 1, build.stderr);
        assert.match(build.stderr, /read-only|cannot be written/);
        sentence(build);
      } finally {
        await run("umount", [copy.home], { env: {} });
        await copy.destroy();
      }
    } finally {
      await disk.destroy();
    }
  });

  test("H6 no inodes left, and a path that is too long: a start says so", { skip }, async (t) => {
    const disk = await onSmallDisk("size=16m,nr_inodes=8");
    if (disk === undefined) return t.skip("this machine does not let root mount a disk");
    try {
      const result = await disk.platform.slipway(["up", "--detach", "--gateway-port", "0", "--api-port", "0"]);
      assert.equal(result.code, 1, result.stderr);
      assert.match(result.stderr, /full/);
      sentence(result);
      assert.deepEqual(await disk.platform.processes(), []);
    } finally {
      await disk.destroy();
    }
    const long = await run(join(root, "bin", "slipway"), ["up", "--detach", "--home", join(scratch.path, "x".repeat(300))], {
      env: {},
    });
    assert.equal(long.code, 5, long.stderr);
    assert.match(long.stderr, /too long/);
    sentence(long);
  });
});

test("H3 a state database that is cut, zeroed or has a bit flipped is not opened and not changed; the way out is said", async (t) => {
  const other = await TestPlatform.create();
  t.after(() => other.destroy());
  await other.start();
  assert.equal((await other.slipway(["apply", "-f", "-", "--wait"], manifest("v1"))).code, 0);
  await other.ok("down");
  const path = join(other.home, "state.db");
  const whole = await readFile(path);
  assert.ok(whole.includes('"digits"'));
  const damages: [string, () => Promise<unknown>][] = [
    ["cut", () => truncate(path, Math.floor(whole.length / 2))],
    ["cut to nothing much", () => truncate(path, 100)],
    ["a zeroed tail", () => writeFile(path, Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096)]))],
    [
      // In every copy of it, as one may be in a page that is not used any more.
      "a flipped bit in a name",
      () => {
        const flipped = Buffer.from(whole);
        for (let at = whole.indexOf('"digits"'); at !== -1; at = whole.indexOf('"digits"', at + 1)) flipped[at + 2]! ^= 1;
        return writeFile(path, flipped);
      },
    ],
    ["another file", () => writeFile(path, "this is not a database, and never was one".repeat(200))],
  ];
  for (const [title, damage] of damages) {
    await damage();
    const damaged = await readFile(path);
    const result = await other.slipway(["up", "--detach", "--gateway-port", "0", "--api-port", "0"]);
    assert.equal(result.code, 1, `${title}: ${result.stderr}`);
    assert.match(result.stderr, /state database.*damaged[\s\S]*backup/, title);
    sentence(result);
    await eventually("nothing of it is left", 5, async () => (await other.processes()).length === 0);
    assert.ok(damaged.equals(await readFile(path)), `${title}: it was not changed`);
    await writeFile(path, whole);
  }
  await other.start();
  await eventually("with the backup put back it serves", 15, async () => (await infer(other)) === 200);
});

test("H11 a copy of the home, made while it is written to, is a home of its own: same objects, and the original is not touched", async (t) => {
  const before = (await digits.platform.processes()).map(({ pid }) => pid).sort();
  const copy = await TestPlatform.create();
  t.after(() => copy.destroy());
  await rm(copy.home, { recursive: true });
  let writes = 0;
  let copied = false;
  const writing = (async () => {
    while (!copied) {
      const edit = (text: string) => text.replace("maxReplicas: 4", `maxReplicas: ${5 + (writes % 3)}`);
      const result = await digits.platform.slipway(["apply", "-f", "-"], manifest("v1", edit));
      assert.equal(result.code, 0, result.stderr);
      writes += 1;
    }
  })();
  await eventually("something was written", 10, async () => writes > 0);
  await cp(digits.platform.home, copy.home, { recursive: true });
  copied = true;
  await writing;
  const started = await copy.slipway(["up", "--detach", "--gateway-port", "0", "--api-port", "0", "-o", "json"]);
  assert.equal(started.code, 0, started.stderr);
  const gateway = (JSON.parse(started.stdout) as { gateway: string }).gateway;
  assert.notEqual(gateway, digits.platform.gateway);
  const identity = async (platform: TestPlatform) => {
    const { metadata } = await platform.json<{ metadata: { uid: string; name: string } }>("get", "model", "digits");
    return [metadata.uid, metadata.name];
  };
  assert.deepEqual(await identity(copy), await identity(digits.platform));
  await eventually("the copy answers", 20, async () => {
    const response = await fetch(`${gateway}/v2/models/digits/infer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: requestFor([1]),
    });
    return response.ok;
  });
  await digits.nextGoodRequest();
  await copy.destroy();
  assert.deepEqual(
    (await digits.platform.processes()).map(({ pid }) => pid).sort(),
    before,
    "no process of the original was touched",
  );
  await digits.nextGoodRequest();
});

test("A20, G13 few open files: connections wait or are refused, nothing crashes, and all is well when they close", async (t) => {
  const small = await TestPlatform.create();
  t.after(() => small.destroy());
  const script = 'ulimit -n 200 && exec "$0" up --detach --gateway-port 0 --api-port 0 -o json';
  const started = await run("sh", ["-c", script, join(root, "bin", "slipway")], { env: { SLIPWAY_HOME: small.home } });
  assert.equal(started.code, 0, started.stderr);
  const { gateway } = JSON.parse(started.stdout) as { gateway: string };
  assert.equal((await small.slipway(["apply", "-f", "-", "--wait"], manifest("v1"))).code, 0);
  const pids = (await small.processes()).map(({ pid }) => pid).sort();
  const opened = await Promise.allSettled(Array.from({ length: 400 }, () => RawConnection.open(Number(new URL(gateway).port))));
  const connections = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  t.diagnostic(`${connections.length} connections to a gateway that may open 200 files`);
  assert.ok(connections.length > 200);
  for (const connection of connections) connection.socket.destroy();
  await eventually("it answers again", 10, async () => (await fetch(`${gateway}/v2/health/ready`)).ok);
  assert.deepEqual((await small.processes()).map(({ pid }) => pid).sort(), pids, "no process ended");
});
