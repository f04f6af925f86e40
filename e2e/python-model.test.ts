// A Python model on the platform, as a user has it: built, applied, asked, and hit.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "./harness/eventually.ts";
import { root, TestPlatform } from "./harness/platform.ts";
import { pythonMissing } from "./python/python-environment.ts";

const example = join(root, "examples", "python");
const request = readFileSync(join(example, "request.json"), "utf8");

describe("the example of a Python model", { skip: pythonMissing() ?? false }, () => {
  let platform: TestPlatform;
  before(async () => {
    platform = await TestPlatform.up();
    await platform.ok("apply", "-f", join(example, "model.yaml"), "--wait");
  });
  after(() => platform.destroy());

  const ask = async () => {
    const answer = await fetch(`${platform.gateway}/v2/models/languages/infer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: request,
    });
    const body = (await answer.json()) as { outputs?: { name: string; data: unknown[] }[]; error?: string };
    return { status: answer.status, languages: body.outputs?.find(({ name }) => name === "language")?.data, error: body.error };
  };
  const workers = async () => (await platform.processes()).filter(({ command }) => command.includes("slipway_worker"));

  it("answers through the gateway", async () => {
    assert.deepEqual(await ask(), { status: 200, languages: ["en", "de", "nobody knows"], error: undefined });
  });

  it("logs what the model says", async () => {
    const { stdout } = await platform.ok("logs", "languages");
    assert.match(stdout, /knows en, de, it/);
  });

  it("goes on when its Python process is killed: the replica stays", async () => {
    const [worker, ...more] = await workers();
    assert.deepEqual(more, []);
    process.kill(worker!.pid, "SIGKILL");
    await eventually(
      "another process answers",
      20,
      async () => (await ask()).status === 200 && (await workers())[0]?.pid !== worker!.pid,
    );
    const [model] = (await platform.json<{ items: { status: { readyReplicas: number } }[] }>("get", "models")).items;
    assert.equal(model?.status.readyReplicas, 1);
  });

  it("leaves no Python process when the replica is killed", async () => {
    const [worker] = await workers();
    const replica = (await platform.processes()).find(({ command }) => / replica /.test(command));
    assert.ok(replica, "there is a replica");
    process.kill(replica.pid, "SIGKILL");
    await eventually("the Python process is gone too", 10, async () => (await workers()).every(({ pid }) => pid !== worker!.pid));
    await eventually("a new replica answers", 30, async () => (await ask()).status === 200);
  });
});
