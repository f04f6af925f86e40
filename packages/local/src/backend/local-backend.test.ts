import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { systemClock } from "@slipway/base";
import { revisionRun } from "@slipway/control";
import { type BackendHarness, backendSuite, sampleRun } from "@slipway/testkit";
import { TestPlatform } from "../../fixtures/platform.ts";
import { LocalBackend } from "./local-backend.ts";

const childFile = join(import.meta.dirname, "..", "..", "fixtures", "child.ts");
const never = new AbortController().signal;

/** The behaviour of the fixture is a parameter of the replica. */
function backendOn(platform: TestPlatform): LocalBackend {
  return new LocalBackend({
    host: platform.host,
    home: platform.home,
    clock: systemClock,
    run: revisionRun,
    graceMs: 500,
    command: ({ parameters }, paths) => ({
      argv:
        parameters.cannotStart === "yes"
          ? ["/nowhere/program"]
          : [process.execPath, childFile, parameters.behaviour ?? "good", paths.socket],
      env: {},
    }),
    limits: ({ memory }) => (memory === undefined ? {} : { memoryBytes: Number.parseInt(memory, 10) * 1024 * 1024 }),
  });
}

async function harness(): Promise<BackendHarness> {
  const platform = await TestPlatform.create();
  await platform.startSupervisor();
  return {
    backend: backendOn(platform),
    elapse: (ms) => systemClock.sleep(ms),
    async crash(namespace, name) {
      process.kill((await platform.status(`replica/${namespace}/${name}`))!.pid!, "SIGKILL");
    },
    prepare: async ({ model, revision }, fault) => {
      const parameters: Record<string, string> =
        fault === "cannotStart" ? { cannotStart: "yes" } : { behaviour: fault ?? "good" };
      return { model, revision: { ...revision, spec: { ...revision.spec, parameters } } };
    },
    close: () => platform.close(),
  };
}

backendSuite("LocalBackend", harness);

describe("LocalBackend", () => {
  let platform: TestPlatform;
  beforeEach(async () => {
    platform = await TestPlatform.create();
    await platform.startSupervisor();
  });
  afterEach(async () => {
    await platform.close();
  });

  test("reports a replica that needs more memory than its limit as OOMKilled and says how limits are enforced", async () => {
    const backend = backendOn(platform);
    const hog = sampleRun({ parameters: { behaviour: "hog" }, resources: { memory: "128Mi" } });
    await backend.perform({ type: "run", ...hog, replicas: 1, leaving: [] }, never);
    const { limits } = await platform.becomes(`replica/default/${hog.revision.metadata.name}-0`, "exited");
    const { replicas } = await backend.observe({ namespace: "default", name: "digits" }, never);
    const [observed] = replicas;
    assert.equal(observed?.exit?.reason, "OOMKilled");
    assert.match(limits ?? "", /^(cgroup: memory|process: memory watched)$/);
    assert.equal(observed?.limits, limits);
  });

  test("has a process with an id per replica, whose exit says by which signal it ended", async () => {
    const backend = backendOn(platform);
    const sample = sampleRun();
    await backend.perform({ type: "run", ...sample, replicas: 1, leaving: [] }, never);
    const { pid } = await platform.becomes(`replica/default/${sample.revision.metadata.name}-0`, "ready");
    const observe = async () => (await backend.observe({ namespace: "default", name: "digits" }, never)).replicas[0];
    assert.equal((await observe())?.pid, pid);
    process.kill(pid!, "SIGKILL");
    await platform.becomes(`replica/default/${sample.revision.metadata.name}-0`, "exited");
    const { exit, restartsAt } = (await observe())!;
    assert.deepEqual([exit?.signal, exit?.reason, restartsAt], ["SIGKILL", "Error", exit?.at]);
  });

  test("another that comes, as after a kill of control, finds from the processes how many there were", async () => {
    const sample = sampleRun();
    const ask = (backend: LocalBackend) => backend.perform({ type: "run", ...sample, replicas: 2, leaving: [] }, never);
    await ask(backendOn(platform));
    const id = (ordinal: number) => `replica/default/${sample.revision.metadata.name}-${ordinal}`;
    const before = await Promise.all([0, 1].map((ordinal) => platform.becomes(id(ordinal), "ready")));
    process.kill(before[0]!.pid!, "SIGKILL");
    await platform.becomes(id(0), "exited");
    await ask(backendOn(platform));
    const after = await Promise.all([0, 1].map((ordinal) => platform.becomes(id(ordinal), "ready")));
    assert.notEqual(after[0]!.pid, before[0]!.pid);
    assert.equal(after[1]!.pid, before[1]!.pid);
    assert.equal(await platform.status(id(2)), undefined);
  });

  test("refuses names that are not resource names, because they become paths", async () => {
    const backend = backendOn(platform);
    for (const name of ["../../etc/x", "a/b", "", "A", "."]) {
      const { model, revision } = sampleRun();
      const named = { ...revision, metadata: { ...revision.metadata, name } };
      const run = { type: "run", model, revision: named, replicas: 1, leaving: [] } as const;
      await assert.rejects(backend.perform(run, never), { code: "invalid" });
    }
  });

  test("answers unavailable while no supervisor is there", async () => {
    const away = await TestPlatform.create();
    await assert.rejects(backendOn(away).observe({ namespace: "default", name: "m" }, never), { code: "unavailable" });
    await away.close();
  });
});
