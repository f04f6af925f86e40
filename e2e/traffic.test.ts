// Steady traffic through every change: not one failed request, and the proof that each fault and change happened under it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { manifest } from "./harness/digits.ts";
import { digitsTraffic, sent, summary } from "./harness/digits-traffic.ts";
import { eventually } from "./harness/eventually.ts";
import { amount } from "./harness/length.ts";
import { TestPlatform } from "./harness/platform.ts";
import type { SteadyTraffic, TrafficReport } from "./harness/traffic.ts";

interface ReplicaItem {
  readonly name: string;
  readonly pid: number;
  readonly revision: string;
  readonly state: string;
}

const rate = 200;
/** Requests that must be sent during each change, beyond what the change itself takes. */
const settle = amount(200, 8_000);
let platform: TestPlatform;

before(async () => {
  platform = await TestPlatform.up();
  await applied("v1");
  await platform.ok("scale", "digits", "--replicas", "2");
  await replicasReady(2);
});
after(() => platform.destroy());

test("version change", async (t) => {
  const report = await underTraffic(() => applied("v2"));
  t.diagnostic(summary(report));
  assert.deepEqual(report.failures, []);
  assert.equal(Object.keys(report.revisions).length, 2, `both revisions must have answered: ${JSON.stringify(report.revisions)}`);
});

test("rollback", async (t) => {
  const report = await underTraffic(async () => {
    const before = await inForce();
    await platform.ok("rollback", "digits");
    await eventually("the other revision has the traffic", 30, async () => (await inForce()) !== before);
  });
  t.diagnostic(summary(report));
  assert.deepEqual(report.failures, []);
  assert.equal(Object.keys(report.revisions).length, 2, `both revisions must have answered: ${JSON.stringify(report.revisions)}`);
});

test("scale up and down", async (t) => {
  const report = await underTraffic(async () => {
    for (const count of [4, 1, 3, 2]) {
      await platform.ok("scale", "digits", "--replicas", String(count));
      await replicasReady(count);
    }
  });
  t.diagnostic(summary(report));
  assert.deepEqual(report.failures, []);
});

for (const signal of ["SIGKILL", "SIGSTOP"] as const) {
  test(`a replica gets ${signal}`, async (t) => {
    let faults = 0;
    const report = await underTraffic(async (traffic) => {
      for (let round = 0; round < amount(2, 8); round++) {
        await replicasReady(2);
        // In turn: one that crashes again and again is started again ever later.
        const victim = (await replicas())[round % 2]!;
        process.kill(victim.pid, signal);
        faults++;
        if (signal === "SIGSTOP") {
          await sent(traffic, 3 * rate, rate);
          process.kill(victim.pid, "SIGCONT");
        } else {
          await eventually("the killed replica was replaced", 30, async () => {
            const now = (await replicas()).find((replica) => replica.name === victim.name);
            return now?.state === "ready" && now.pid !== victim.pid;
          });
        }
      }
    });
    t.diagnostic(`${faults} × ${signal}; ${summary(report)}`);
    assert.ok(faults > 0);
    assert.deepEqual(report.failures, []);
  });
}

test("control is killed and comes back; gateway and replicas go on, the replicas are adopted", async (t) => {
  const pids = (await replicas()).map((replica) => replica.pid).sort();
  let killed = 0;
  const report = await underTraffic(async () => {
    const control = (await platform.processes()).find((process) => / control( |$)/.test(process.command))!;
    process.kill(control.pid, "SIGKILL");
    killed++;
    await eventually("control answers again", 30, async () => (await platform.slipway(["get", "models"])).code === 0);
    const again = (await platform.processes()).find((process) => / control( |$)/.test(process.command));
    assert.notEqual(again?.pid, control.pid);
  });
  t.diagnostic(summary(report));
  assert.equal(killed, 1);
  assert.deepEqual(report.failures, []);
  assert.deepEqual((await replicas()).map((replica) => replica.pid).sort(), pids);
});

function underTraffic(change: (traffic: SteadyTraffic) => Promise<void>): Promise<TrafficReport> {
  return digitsTraffic({ url: `${platform.gateway}/v2/models/digits/infer`, rate, settle }, change);
}

async function applied(version: "v1" | "v2"): Promise<void> {
  const result = await platform.slipway(["apply", "-f", "-", "--wait"], manifest(version));
  assert.equal(result.code, 0, result.stderr);
}

async function replicas(): Promise<ReplicaItem[]> {
  return (await platform.json<{ items: ReplicaItem[] }>("get", "replicas")).items;
}

async function replicasReady(count: number): Promise<void> {
  await eventually(`exactly ${count} replicas, all ready`, 60, async () => {
    const all = await replicas();
    return all.length === count && all.every((replica) => replica.state === "ready");
  });
}

async function inForce(): Promise<string | undefined> {
  const model = await platform.json<{ status: { traffic: { revision: string }[] } }>("get", "model", "digits");
  return model.status.traffic[0]?.revision;
}
