import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import type { Autoscaling } from "@slipway/control";
import { backendSuite } from "./backend-suite.ts";
import { FakeBackend } from "./fake-backend.ts";
import { sampleRun } from "./sample-run.ts";

const never = new AbortController().signal;
const sample = sampleRun();
const rev = sample.revision.metadata.name;
const key = { namespace: "default", name: "digits" };

for (const kind of ["machine", "cluster"] as const) {
  backendSuite(`FakeBackend, ${kind}`, async () => {
    const clock = new VirtualClock();
    const backend = new FakeBackend({ clock, kind, graceMs: 1_000 });
    return {
      backend,
      elapse: (ms) => clock.advance(ms),
      crash: async (namespace, name) => {
        assert.ok(backend.crash(namespace, name));
      },
      prepare: async (of, fault) => {
        const { namespace = "", name } = of.revision.metadata;
        if (fault === "invalidModel") backend.invalidModel(of.revision.spec.source.bundle);
        else if (fault === "ignoresStop") backend.ignoreStop(namespace, name);
        else if (fault === "cannotStart") backend.cannotStart(namespace, name);
        return of;
      },
      close: async () => {},
    };
  });
}

function open(kind: "machine" | "cluster") {
  const clock = new VirtualClock();
  const backend = new FakeBackend({ clock, kind, startMs: 10 });
  return {
    clock,
    backend,
    run: (replicas: number, autoscaling?: Autoscaling) =>
      backend.perform({ type: "run", ...sample, replicas, leaving: [], ...(autoscaling && { autoscaling }) }, never),
    replicas: async () => (await backend.observe(key, never)).replicas,
  };
}

test("FakeBackend counts the faults that happened", async () => {
  const { clock, backend, run, replicas } = open("machine");
  assert.equal(backend.crash("default", `${rev}-0`), false, "nothing to crash yet");
  assert.equal(backend.evict("default", `${rev}-0`), false, "a machine evicts nothing");
  backend.failCalls(1);
  await assert.rejects(run(1), { code: "unavailable" });
  await run(1);
  await clock.advance(10);
  assert.ok(backend.crash("default", `${rev}-0`, "OOMKilled"));
  assert.equal((await replicas())[0]?.exit?.reason, "OOMKilled");
  const { crashes, failedCalls, ...others } = backend.faults;
  assert.deepEqual([crashes, failedCalls], [1, 1]);
  assert.ok(Object.values(others).every((count) => count === 0));
  assert.equal(backend.performed.length, 2);
});

test("FakeBackend forgets failures after ten minutes of being ready", async () => {
  const { clock, backend, run, replicas } = open("machine");
  const restarts = async () => (await replicas())[0]?.restarts;
  await run(1);
  await clock.advance(10);
  backend.crash("default", `${rev}-0`);
  await run(1);
  await clock.advance(10);
  backend.crash("default", `${rev}-0`);
  assert.equal(await restarts(), 2);
  await clock.advance(1_000);
  await run(1);
  await clock.advance(11 * 60_000);
  assert.equal(await restarts(), 0);
  backend.crash("default", `${rev}-0`);
  assert.equal(await restarts(), 1);
});

test("a FakeBackend that is a cluster replaces what it evicts, and restarts what crashes, unasked", async () => {
  const { clock, backend, run, replicas } = open("cluster");
  await run(2);
  await clock.advance(10);
  const [first, second] = await replicas();
  assert.ok(backend.evict("default", first!.name));
  assert.ok(backend.crash("default", second!.name));
  await clock.advance(200);
  const after = await replicas();
  assert.deepEqual(
    after.map(({ state }) => state),
    ["ready", "ready"],
  );
  assert.deepEqual(
    after.map(({ name }) => [name === first!.name, name === second!.name]),
    [
      [false, true],
      [false, false],
    ],
  );
  assert.equal(backend.faults.evictions, 1);
});

test("a FakeBackend that refuses replicas says why, and makes them when it may again", async () => {
  const { clock, backend, run, replicas } = open("cluster");
  backend.refuse("default", rev, { reason: "QuotaExceeded", message: "No room." });
  await run(1);
  assert.deepEqual(await backend.observe(key, never), {
    replicas: [],
    problems: [{ revision: rev, reason: "QuotaExceeded", message: "No room." }],
    runs: [{ revision: rev, replicas: 1, generation: 1 }],
  });
  assert.ok(backend.faults.refusedReplicas > 0);
  backend.refuse("default", rev);
  await clock.advance(10);
  assert.equal((await replicas())[0]?.state, "ready");
});

test("a FakeBackend that is a cluster scales by itself within its bounds, and keeps the number when it is asked again", async () => {
  const { backend, run, replicas } = open("cluster");
  const autoscaling: Autoscaling = { minReplicas: 2, maxReplicas: 4, metrics: [{ type: "cpu", target: 70 }] };
  await run(1, autoscaling);
  assert.equal((await replicas()).length, 2);
  assert.ok(backend.autoscale("default", rev, 9));
  await run(2, autoscaling);
  assert.equal((await replicas()).length, 4);
  await run(1);
  assert.equal((await replicas()).filter(({ state }) => state !== "draining").length, 1);
  assert.equal(backend.autoscale("default", rev, 3), false);
});
