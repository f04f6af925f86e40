import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { withDirectory } from "../../fixtures/temporary-directory.ts";
import { findDelegation } from "./delegation.ts";
import { groupDirectory, parseHierarchies, parseMembership } from "./group-hierarchies.ts";

/** A directory that looks like a hierarchy of version 2: path → files. */
async function tree(root: string, groups: Record<string, Record<string, string>>): Promise<void> {
  for (const [path, files] of Object.entries(groups)) {
    await mkdir(join(root, path), { recursive: true });
    for (const [name, text] of Object.entries({ "cgroup.procs": "", ...files })) await writeFile(join(root, path, name), text);
  }
}

test("findDelegation climbs to the nearest ancestor that hands memory down", () =>
  withDirectory(async (root) => {
    await tree(root, {
      "": { "cgroup.subtree_control": "cpu memory pids\n" },
      user: { "cgroup.subtree_control": "memory pids\n", "memory.max": "max\n" },
      "user/terminal": { "cgroup.subtree_control": "\n", "memory.max": "max\n" },
    });
    assert.deepEqual(findDelegation(join(root, "user/terminal"), root), {
      directory: join(root, "user"),
      controllers: ["memory"],
    });
    assert.deepEqual(findDelegation(root, root), { directory: root, controllers: ["memory", "cpu"] });
  }));

test("findDelegation does not climb out of a group that has a limit", () =>
  withDirectory(async (root) => {
    for (const limit of [{ "memory.max": "1073741824\n" }, { "cpu.max": "50000 100000\n" }]) {
      await tree(root, { "": { "cgroup.subtree_control": "cpu memory\n" }, [Object.keys(limit)[0]!]: limit });
      assert.equal(findDelegation(join(root, Object.keys(limit)[0]!), root), undefined);
    }
  }));

test("findDelegation finds nothing where nothing is handed down", () =>
  withDirectory(async (root) => {
    await tree(root, { "": { "cgroup.subtree_control": "pids\n" }, a: {} });
    assert.equal(findDelegation(join(root, "a"), root), undefined);
  }));

test("the texts of /proc are read as documented", () => {
  const hierarchies = parseHierarchies(
    [
      "36 25 0:30 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate",
      "37 25 0:31 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
      "38 25 0:32 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
      "39 25 0:33 / /tmp rw - tmpfs tmpfs rw",
    ].join("\n"),
  );
  assert.deepEqual(
    hierarchies.map(({ version, directory }) => [version, directory]),
    [
      [2, "/sys/fs/cgroup/unified"],
      [1, "/sys/fs/cgroup/memory"],
      [1, "/sys/fs/cgroup/cpu,cpuacct"],
    ],
  );
  assert.ok(hierarchies[2]?.controllers.includes("cpu"));
  const groups = parseMembership("5:cpu,cpuacct:/a\n4:memory:/docker/abc\n0::/user.slice/x:y.scope\n");
  assert.deepEqual([groups.get("cpu"), groups.get("memory"), groups.get("")], ["/a", "/docker/abc", "/user.slice/x:y.scope"]);
  assert.equal(groupDirectory(hierarchies[1]!, "/docker/abc"), "/sys/fs/cgroup/memory");
  assert.equal(groupDirectory(hierarchies[1]!, "/elsewhere"), "/sys/fs/cgroup/memory");
});
