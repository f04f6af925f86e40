import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { systemClock } from "@slipway/base";
import type { ReplicaSpec } from "@slipway/control";
import { type BackendHarness, backendSuite, replicaSpec } from "@slipway/testkit";
import { TestPlatform } from "../../fixtures/platform.ts";
import { LocalBackend } from "./local-backend.ts";

const childFile = join(import.meta.dirname, "..", "..", "fixtures", "child.ts");
const never = new AbortController().signal;

/** The behaviour of the fixture is a parameter of the replica. */
function backendOn(platform: TestPlatform): LocalBackend {
  return new LocalBackend({
    host: platform.host,
    home: platform.home,
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
    withFault: (replica, fault): ReplicaSpec => ({
      ...replica,
      parameters: fault === "cannotStart" ? { cannotStart: "yes" } : { behaviour: fault },
    }),
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
    const replica = replicaSpec({ parameters: { behaviour: "hog" }, resources: { memory: "128Mi" } });
    await backend.perform({ type: "start", replica }, never);
    const { limits } = await platform.becomes(`replica/default/${replica.name}`, "exited");
    const [observed] = await backend.observe({ namespace: "default", name: replica.model }, never);
    assert.equal(observed?.exit?.reason, "OOMKilled");
    assert.match(limits ?? "", /^(cgroup: memory|process: memory watched)$/);
    assert.equal(observed?.limits, limits);
  });

  test("refuses names that are not resource names, because they become paths", async () => {
    const backend = backendOn(platform);
    for (const name of ["../../etc/x", "a/b", "", "A", "."]) {
      await assert.rejects(backend.perform({ type: "start", replica: replicaSpec({ name }) }, never), { code: "invalid" });
    }
  });

  test("answers unavailable while no supervisor is there", async () => {
    const away = await TestPlatform.create();
    await assert.rejects(backendOn(away).observe({ namespace: "default", name: "m" }, never), { code: "unavailable" });
    await away.close();
  });
});
