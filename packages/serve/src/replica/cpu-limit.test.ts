import assert from "node:assert/strict";
import { test } from "node:test";
import { cpuLimit } from "./cpu-limit.ts";

function limit(files: Readonly<Record<string, string>>, available = 8): number | undefined {
  return cpuLimit({ read: (path) => files[path], available, present: 8 });
}

test("without a limit there is none, whatever the machine has", () => {
  assert.equal(limit({}), undefined);
  assert.equal(limit({ "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "max 100000\n" }), undefined);
  assert.equal(limit({ "/proc/self/cgroup": "3:cpu:/a\n", "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "-1\n" }), undefined);
});

test("the CPUs a process is bound to are its limit", () => {
  assert.equal(limit({}, 3), 3);
});

test("a control group of version 2, or one above it, limits", () => {
  const files = { "/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/b/cpu.max": "400000 100000\n" };
  assert.equal(limit(files), 4);
  assert.equal(limit({ ...files, "/sys/fs/cgroup/a/cpu.max": "50000 100000\n" }), 0.5);
  assert.equal(limit({ ...files, "/sys/fs/cgroup/cpu.max": "150000 100000\n" }), 1.5);
});

test("a control group of version 1 limits", () => {
  const files = {
    "/proc/self/cgroup": "5:memory:/a\n4:cpu,cpuacct:/a\n0::/b\n",
    "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "250000\n",
    "/sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n",
  };
  assert.equal(limit(files), 2.5);
  assert.equal(limit(files, 2), 2);
});
