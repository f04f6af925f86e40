import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { systemClock, VirtualClock } from "@slipway/base";
import { TestPlatform } from "../../fixtures/platform.ts";
import { createLimiter } from "./create-limiter.ts";

const mib = 1024 * 1024;

/** Runs the memory hog under a limit of 128 MiB until it is killed, by the limiter of this means. */
async function killHog(means: "best" | "process"): Promise<{ cause: string | undefined; limits: string | undefined }> {
  const platform = await TestPlatform.create();
  try {
    await platform.startSupervisor({ limiter: createLimiter({ name: platform.home.hash, clock: systemClock, means }) });
    const spec = platform.spec("a", "hog", { limits: { memoryBytes: 128 * mib, cpu: 1 } });
    await platform.start(spec);
    const { exit, limits } = await platform.becomes(spec.id, "exited");
    return { cause: exit?.cause, limits };
  } finally {
    await platform.close();
  }
}

test("createLimiter with process means watches memory, kills what exceeds it, and says that CPU is not limited", async () => {
  assert.deepEqual(await killHog("process"), { cause: "outOfMemory", limits: "process: memory watched, cpu not limited" });
});

function noControlGroups(): string | false {
  const limiter = createLimiter({ name: "probe", clock: systemClock });
  limiter.close();
  return limiter.text.startsWith("process:") && `control groups are not permitted here (${limiter.text})`;
}

test("createLimiter lets the kernel limit memory and CPU", { skip: noControlGroups() }, async () => {
  assert.deepEqual(await killHog("best"), { cause: "outOfMemory", limits: "cgroup: memory and cpu" });
});

test("createLimiter says nothing about limits that were not asked for", () => {
  const limiter = createLimiter({ name: "none", clock: new VirtualClock(), means: "process" });
  assert.equal(limiter.prepare("a", {}).text, undefined);
  assert.equal(limiter.prepare("a", { cpu: 0.5 }).text, "process: cpu not limited");
  assert.equal(limiter.text, "process: memory watched, cpu not limited");
  limiter.close();
});

test("the memory watch looks only when its clock says so, and leaves a group within its limit alone", async () => {
  const clock = new VirtualClock();
  const limiter = createLimiter({ name: "watch", clock, means: "process" });
  const child = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
  const limited = limiter.prepare("a", { memoryBytes: 512 * mib });
  limited.attach(child.pid!);
  await clock.advance(2_000);
  assert.equal(limited.outOfMemory(), false);
  limited.release();
  limiter.close();
  child.kill("SIGKILL");
  await once(child, "exit");
});
