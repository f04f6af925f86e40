// Many models at once: one apply, every model answers rightly, also after control was killed, and all go with one delete each.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type DigitsAnswer, manifest, reference, requestFor, wrongAnswer } from "./harness/digits.ts";
import { eventually } from "./harness/eventually.ts";
import { amount } from "./harness/length.ts";
import { TestPlatform } from "./harness/platform.ts";

const names = Array.from({ length: amount(5, 60) }, (_, index) => `digits-${index}`);
let platform: TestPlatform;
before(async () => {
  platform = await TestPlatform.up();
});
after(() => platform.destroy());

test(`${names.length} models from one file`, async (t) => {
  const started = performance.now();
  const file = names.map((name) => manifest("v1", (text) => text.replace("name: digits", `name: ${name}`))).join("---\n");
  const result = await platform.slipway(["apply", "-f", "-", "--wait", "--timeout", `${names.length * 5 + 30}s`], file);
  assert.equal(result.code, 0, result.stderr);
  t.diagnostic(`${names.length} models answer after ${Math.round(performance.now() - started)} ms`);
  await Promise.all(names.map(answersRightly));
});

test("control is killed: every model goes on with the process it had", async () => {
  const before = await replicaProcesses();
  assert.equal(before.length, names.length);
  const control = (await platform.processes()).find(({ command }) => / control( |$)/.test(command))!;
  process.kill(control.pid, "SIGKILL");
  await Promise.all(names.map(answersRightly));
  await eventually("control answers again", 30, async () => (await platform.slipway(["get", "models"])).code === 0);
  await Promise.all(names.map(answersRightly));
  assert.deepEqual(await replicaProcesses(), before);
});

test("deleted, nothing of them is left", async () => {
  for (const name of names) await platform.ok("delete", "model", name);
  await eventually("no model, revision or replica is left", 60, async () => {
    const left = await Promise.all(["models", "revisions"].map((kind) => platform.json<{ items: unknown[] }>("get", kind)));
    return left.every(({ items }) => items.length === 0) && (await replicaProcesses()).length === 0;
  });
});

async function answersRightly(name: string): Promise<void> {
  const response = await fetch(`${platform.gateway}/v2/models/${name}/infer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: requestFor([1, 2, 3]),
  });
  const answer = (await response.json()) as DigitsAnswer;
  assert.equal(response.status, 200, JSON.stringify(answer));
  assert.equal(wrongAnswer(answer, [1, 2, 3], reference("v1")), undefined);
  assert.equal(answer.model_name, name);
}

async function replicaProcesses(): Promise<number[]> {
  const all = await platform.processes();
  return all
    .filter(({ command }) => / replica( |$)/.test(command))
    .map(({ pid }) => pid)
    .sort((a, b) => a - b);
}
