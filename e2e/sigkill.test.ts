// A power cut: every process of the platform killed at once, then started again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { systemClock } from "@slipway/base";
import { type DigitsAnswer, manifest, reference, requestFor, wrongAnswer } from "./harness/digits.ts";
import { eventually } from "./harness/eventually.ts";
import { amount } from "./harness/length.ts";
import { TestPlatform } from "./harness/platform.ts";

let platform: TestPlatform;
before(async () => {
  platform = await TestPlatform.up();
  for (const version of ["v1", "v2"] as const) {
    const result = await platform.slipway(["apply", "-f", "-", "--wait"], manifest(version));
    assert.equal(result.code, 0, result.stderr);
  }
});
after(() => platform.destroy());

test("SIGKILL of everything and a new start: same resources, same revisions, answering within 5 s, no orphan, no port conflict", async (t) => {
  for (let round = 0; round < amount(2, 25); round++) {
    const before = await world();
    const victims = await platform.processes();
    assert.ok(victims.length >= 4, `supervisor, control, gateway and a replica run: ${JSON.stringify(victims)}`);
    for (const { pid } of victims) process.kill(pid, "SIGKILL");
    const started = systemClock.monotonic();
    await platform.ok("up", "--detach");
    await answers();
    const took = systemClock.monotonic() - started;
    t.diagnostic(`round ${round}: killed ${victims.length} processes, answering again after ${Math.round(took)} ms`);
    assert.ok(took <= 5_000, `it took ${Math.round(took)} ms`);
    assert.deepEqual(await world(), before);
    const alive = new Set((await platform.processes()).map(({ pid }) => pid));
    for (const { pid } of victims) assert.ok(!alive.has(pid), `process ${pid} outlived its SIGKILL`);
  }
});

test("SIGKILL of the supervisor alone: the others end within 2 s", async () => {
  const supervisor = (await platform.processes()).find(({ command }) => / supervisor( |$)/.test(command))!;
  process.kill(supervisor.pid, "SIGKILL");
  const started = systemClock.monotonic();
  await eventually("no process is left", 10, async () => (await platform.processes()).length === 0);
  assert.ok(systemClock.monotonic() - started < 3_500, "2 s, and time to notice and look");
  await platform.ok("up", "--detach");
  await answers();
});

test("SIGKILL of the supervisor and a new one at once: the replicas are adopted, not started again", async () => {
  const replica = (await platform.processes()).find(({ command }) => / replica( |$)/.test(command))!;
  const supervisor = (await platform.processes()).find(({ command }) => / supervisor( |$)/.test(command))!;
  process.kill(supervisor.pid, "SIGKILL");
  await platform.ok("up", "--detach");
  await answers();
  assert.ok(
    (await platform.processes()).some(({ pid }) => pid === replica.pid),
    "the replica kept its process",
  );
});

async function answers(): Promise<void> {
  await eventually("the model answers rightly", 15, async () => {
    const response = await fetch(`${platform.gateway}/v2/models/digits/infer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: requestFor([0, 1, 2]),
    });
    return response.ok && wrongAnswer((await response.json()) as DigitsAnswer, [0, 1, 2], reference("v2")) === undefined;
  });
}

/** What must survive: every resource's identity, spec and generation. */
async function world(): Promise<unknown> {
  const kept = [];
  for (const kind of ["models", "revisions", "namespaces"]) {
    const list = await platform.json<{
      items: { kind: string; metadata: { name: string; uid: string; generation: number }; spec: unknown }[];
    }>("get", kind);
    for (const { metadata, spec } of list.items)
      kept.push({ kind, name: metadata.name, uid: metadata.uid, generation: metadata.generation, spec });
  }
  return kept;
}
