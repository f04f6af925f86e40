// Changes, traffic and bad requests over and over: memory, open files and child processes come back to where they were.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { platform as system } from "node:os";
import { after, before, test } from "node:test";
import { type DigitsAnswer, manifest, reference, requestFor, wrongAnswer } from "./harness/digits.ts";
import { eventually } from "./harness/eventually.ts";
import { amount } from "./harness/length.ts";
import { TestPlatform } from "./harness/platform.ts";
import { SteadyTraffic } from "./harness/traffic.ts";

const rounds = amount(3, 50);
/** Heaps and buffers find their size under the very load that follows. */
const warmUp = amount(2, 12);
/** Memory of a young process still grows towards its heap's first collections; only a long run can be held to 10 %. */
const memoryGrowth = amount(1.5, 1.1);
const image = [7];
const versions = [reference("v1"), reference("v2")];
let platform: TestPlatform;

before(async () => {
  platform = await TestPlatform.up();
  await round(0);
});
after(() => platform.destroy());

test("a soak leaves nothing behind", {
  skip: system() === "linux" ? false : "it reads /proc, which only Linux has",
}, async (t) => {
  const traffic = new SteadyTraffic({
    url: `${platform.gateway}/v2/models/digits/infer`,
    body: requestFor(image),
    rate: 200,
    check: (answer) =>
      versions.some((version) => wrongAnswer(answer as DigitsAnswer, image, version) === undefined)
        ? undefined
        : "a wrong answer",
  });
  for (let index = 0; index < warmUp; index++) await round(index);
  const start = await usage();
  for (let index = warmUp; index < warmUp + rounds; index++) await round(index);
  const report = await traffic.stop();
  await calm();
  const end = await usage();
  t.diagnostic(`${rounds} rounds, ${report.sent} requests, ${report.failures.length} failed; p99 ${report.p99} ms`);
  for (const role of ["supervisor", "control", "gateway"]) {
    t.diagnostic(
      `${role}: memory ${start[role]!.megabytes} → ${end[role]!.megabytes} MB, open files ${start[role]!.files} → ${end[role]!.files}`,
    );
  }
  assert.deepEqual(report.failures, []);
  assert.equal((await platform.processes()).length, 4, "supervisor, control, gateway and one replica");
  for (const role of ["supervisor", "control", "gateway"]) {
    assert.ok(
      end[role]!.megabytes <= start[role]!.megabytes * memoryGrowth + 10,
      `${role} grew from ${start[role]!.megabytes} to ${end[role]!.megabytes} MB`,
    );
    assert.ok(
      end[role]!.files <= start[role]!.files * 1.1 + 5,
      `${role}: open files grew from ${start[role]!.files} to ${end[role]!.files}`,
    );
  }
});

/** A version change, a scale up and down, a crash, and twenty requests that are refused. */
async function round(index: number): Promise<void> {
  const result = await platform.slipway(["apply", "-f", "-", "--wait"], manifest(index % 2 === 0 ? "v1" : "v2"));
  assert.equal(result.code, 0, result.stderr);
  await platform.ok("scale", "digits", "--replicas", "2");
  await ready(2);
  const [victim] = await replicas();
  process.kill(victim!.pid, "SIGKILL");
  await eventually("the killed replica is replaced", 30, async () => {
    const all = await replicas();
    return (
      all.length === 2 && all.every((replica) => replica.state === "ready") && all.every((replica) => replica.pid !== victim!.pid)
    );
  });
  for (let count = 0; count < 20; count++) {
    const response = await fetch(`${platform.gateway}/v2/models/digits/infer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"inputs":[',
    });
    assert.equal(response.status, 400);
    await response.arrayBuffer();
  }
  await platform.ok("scale", "digits", "--replicas", "1");
  await calm();
}

function calm(): Promise<void> {
  return ready(1);
}

async function ready(count: number): Promise<void> {
  await eventually(`exactly ${count} replicas, all ready`, 30, async () => {
    const all = await replicas();
    return all.length === count && all.every((replica) => replica.state === "ready");
  });
}

async function replicas(): Promise<{ pid: number; state: string }[]> {
  return (await platform.json<{ items: { pid: number; state: string }[] }>("get", "replicas")).items;
}

/** Resident memory and open files of each of the platform's own processes. */
async function usage(): Promise<Record<string, { megabytes: number; files: number }>> {
  const found: Record<string, { megabytes: number; files: number }> = {};
  for (const { pid, command } of await platform.processes()) {
    const role = /main\.[tj]s (\w+)/.exec(command)?.[1] ?? "other";
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    found[role] = { megabytes: Math.round(kilobytes / 1024), files: (await readdir(`/proc/${pid}/fd`)).length };
  }
  return found;
}
