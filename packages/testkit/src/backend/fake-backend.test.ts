import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { backendSuite, replicaSpec } from "./backend-suite.ts";
import { FakeBackend } from "./fake-backend.ts";

const never = new AbortController().signal;

backendSuite("FakeBackend", async () => {
  const clock = new VirtualClock();
  const backend = new FakeBackend({ clock });
  return {
    backend,
    elapse: (ms) => clock.advance(ms),
    crash: async (namespace, name) => {
      assert.ok(backend.crash(namespace, name));
    },
    withFault(replica, fault) {
      if (fault === "invalidModel") backend.invalidModel(replica.bundle);
      else if (fault === "ignoresStop") backend.ignoreStop(replica.namespace, replica.name);
      else backend.cannotStart(replica.namespace, replica.name);
      return replica;
    },
    close: async () => {},
  };
});

test("FakeBackend counts the faults that happened", async () => {
  const clock = new VirtualClock();
  const backend = new FakeBackend({ clock, startMs: 10 });
  const replica = replicaSpec();
  const model = { namespace: "default", name: replica.model };
  assert.equal(backend.crash("default", replica.name), false, "nothing to crash yet");
  backend.failCalls(1);
  await assert.rejects(backend.perform({ type: "start", replica }, never), { code: "unavailable" });
  await backend.perform({ type: "start", replica }, never);
  await clock.advance(10);
  assert.ok(backend.crash("default", replica.name, "OOMKilled"));
  assert.equal((await backend.observe(model, never))[0]?.exit?.reason, "OOMKilled");
  assert.deepEqual(backend.faults, { crashes: 1, invalidModels: 0, failedStarts: 0, ignoredStops: 0, failedCalls: 1 });
  assert.equal(backend.performed.length, 2);
});

test("FakeBackend forgets failures after ten minutes of being ready", async () => {
  const clock = new VirtualClock();
  const backend = new FakeBackend({ clock });
  const replica = replicaSpec();
  const restarts = async () => (await backend.observe({ namespace: "default", name: replica.model }, never))[0]?.restarts;
  const run = async () => {
    await backend.perform({ type: "start", replica }, never);
    await clock.advance(100);
  };
  await run();
  backend.crash("default", replica.name);
  await run();
  backend.crash("default", replica.name);
  assert.equal(await restarts(), 2);
  await run();
  await clock.advance(10 * 60_000);
  assert.equal(await restarts(), 0);
  backend.crash("default", replica.name);
  assert.equal(await restarts(), 1);
});
