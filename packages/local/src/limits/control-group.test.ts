import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { withDirectory } from "../../fixtures/temporary-directory.ts";
import { ControlGroup } from "./control-group.ts";

// On an ordinary directory: what is written where. The kernel's side is tested by createLimiter.
const text = (...path: string[]) => readFile(join(...path), "utf8");

test("ControlGroup of version 2 hands controllers down and ends the whole group when memory is out", () =>
  withDirectory(async (root) => {
    const group = new ControlGroup({ version: 2, directory: join(root, "slipway"), controllers: ["memory", "cpu"] }, "a");
    group.make();
    await writeFile(join(group.directory, "memory.oom.group"), "0");
    group.limitMemory(1024);
    group.limitCpu(0.5);
    assert.equal(await text(root, "slipway", "cgroup.subtree_control"), "+memory +cpu");
    assert.equal(await text(group.directory, "memory.max"), "1024");
    assert.equal(await text(group.directory, "memory.oom.group"), "1");
    assert.equal(await text(group.directory, "cpu.max"), "50000 100000");
    await writeFile(join(group.directory, "memory.events"), "low 0\noom 3\noom_kill 2\n");
    assert.equal(group.oomKills(), 2);
  }));

test("ControlGroup of version 1 limits memory with swap, and CPU to no less than the kernel takes", () =>
  withDirectory(async (root) => {
    const group = new ControlGroup({ version: 1, directory: join(root, "slipway"), controllers: [] }, "a");
    group.make();
    await writeFile(join(group.directory, "memory.memsw.limit_in_bytes"), "");
    group.limitMemory(1024);
    group.limitCpu(0.001);
    assert.equal(await text(group.directory, "memory.limit_in_bytes"), "1024");
    assert.equal(await text(group.directory, "memory.memsw.limit_in_bytes"), "1024");
    assert.equal(await text(group.directory, "cpu.cfs_quota_us"), "1000");
    await writeFile(join(group.directory, "memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
    assert.equal(group.oomKills(), 1);
    group.make();
    assert.equal(group.oomKills(), 0, "kills of a predecessor do not count");
  }));

test("ControlGroup removes its parent with the last group", () =>
  withDirectory(async (root) => {
    const parent = { version: 1, directory: join(root, "slipway"), controllers: [] } as const;
    const [a, b] = [new ControlGroup(parent, "a"), new ControlGroup(parent, "b")];
    a.make();
    b.make();
    assert.ok(a.remove());
    await assert.rejects(text(parent.directory), { code: "EISDIR" });
    assert.ok(b.remove());
    await assert.rejects(text(parent.directory), { code: "ENOENT" });
  }));
