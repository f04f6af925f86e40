import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Action, Backend, ObservedReplica, ReplicaSpec } from "@slipway/control";
import type { Key } from "@slipway/spec";

/** A fault that a harness can build into a replica. */
export type ReplicaFault = "invalidModel" | "ignoresStop" | "cannotStart";

/** A backend and what the suite must be able to do to it. */
export interface BackendHarness {
  readonly backend: Backend;
  /** Lets about this many milliseconds pass on the backend's clock. */
  elapse(ms: number): Promise<void>;
  /** Kills a running replica from outside. */
  crash(namespace: string, name: string): Promise<void>;
  /** The same replica, made to misbehave. */
  withFault(replica: ReplicaSpec, fault: ReplicaFault): ReplicaSpec;
  close(): Promise<void>;
}

/** A ReplicaSpec for tests; every field can be replaced. */
export function replicaSpec(over: Partial<ReplicaSpec> = {}): ReplicaSpec {
  return {
    name: "digits-1a2b3c4d5e-0",
    namespace: "default",
    model: "digits",
    owner: "0b7d6c1e-2f57-4b0a-9c55-3b1f1a2d4e5f",
    revision: "digits-1a2b3c4d5e",
    bundle: `sha256:${"0".repeat(64)}`,
    parameters: {},
    resources: {},
    samples: { verify: false, tolerance: { absolute: 1e-5, relative: 1e-5 } },
    ...over,
  };
}

const stepMs = 20;
const steps = 500;

/** What every {@link Backend} must do, run on each of them. The factory's harness is closed at the end. */
export function backendSuite(name: string, factory: () => Promise<BackendHarness>): void {
  describe(`${name} as a Backend`, () => {
    let harness: BackendHarness;
    const never = new AbortController().signal;

    before(async () => {
      harness = await factory();
    });
    after(async () => {
      await harness.close();
    });

    const perform = (action: Action) => harness.backend.perform(action, never);
    const start = (replica: ReplicaSpec) => perform({ type: "start", replica });
    const stop = (replica: ReplicaSpec, graceMs = 5_000) =>
      perform({ type: "stop", namespace: replica.namespace, name: replica.name, graceMs });
    const forget = (replica: ReplicaSpec) => perform({ type: "forget", namespace: replica.namespace, name: replica.name });
    const observe = (model: string, namespace = "default") => harness.backend.observe({ namespace, name: model }, never);
    const find = async (replica: ReplicaSpec) =>
      (await observe(replica.model, replica.namespace)).find((observed) => observed.name === replica.name);

    async function waitFor(replica: ReplicaSpec, accept: (observed: ObservedReplica) => boolean): Promise<ObservedReplica> {
      let last: ObservedReplica | undefined;
      for (let step = 0; step < steps; step++) {
        last = await find(replica);
        if (last !== undefined && accept(last)) return last;
        await harness.elapse(stepMs);
      }
      throw new assert.AssertionError({ message: `Replica ${replica.name} never got there; last seen: ${JSON.stringify(last)}` });
    }
    const becomes = (replica: ReplicaSpec, state: ObservedReplica["state"]) =>
      waitFor(replica, (observed) => observed.state === state);

    async function end(...replicas: ReplicaSpec[]): Promise<void> {
      for (const replica of replicas) {
        await stop(replica, 0);
        await becomes(replica, "exited");
        await forget(replica);
      }
    }

    test("knows no replicas of a model it never heard of", async () => {
      assert.deepEqual(await observe("nothing"), []);
    });

    test("start leads to a ready replica with process, address and start time", async () => {
      const replica = replicaSpec({ name: "up-1-0", model: "up", revision: "up-1" });
      await start(replica);
      const ready = await becomes(replica, "ready");
      assert.equal(ready.revision, "up-1");
      assert.equal(ready.owner, replica.owner);
      assert.equal(typeof ready.pid, "number");
      assert.ok((ready.address ?? "").length > 0);
      assert.ok(ready.startedAt > 0);
      assert.equal(ready.restarts, 0);
      assert.equal(ready.exit, undefined);
      await end(replica);
    });

    test("start of a replica that runs changes nothing", async () => {
      const replica = replicaSpec({ name: "twice-1-0", model: "twice" });
      await start(replica);
      await start(replica);
      const first = await becomes(replica, "ready");
      await start(replica);
      assert.deepEqual(await observe("twice"), [first]);
      await end(replica);
    });

    test("stop drains, then the exit stays visible until it is forgotten", async () => {
      const replica = replicaSpec({ name: "down-1-0", model: "down" });
      await start(replica);
      await becomes(replica, "ready");
      await stop(replica);
      await stop(replica);
      const exited = await becomes(replica, "exited");
      assert.equal(exited.exit?.reason, "Completed");
      assert.equal(exited.exit?.code, 0);
      assert.equal(exited.restarts, 0, "a stop that was asked for is no failure");
      assert.equal(exited.pid, undefined);
      assert.equal(exited.address, undefined);
      await stop(replica);
      await forget(replica);
      await forget(replica);
      assert.deepEqual(await observe("down"), []);
    });

    test("forget of a running replica and stop of an unknown one do nothing", async () => {
      const replica = replicaSpec({ name: "keep-1-0", model: "keep" });
      await start(replica);
      const ready = await becomes(replica, "ready");
      await forget(replica);
      await stop(replicaSpec({ name: "ghost-1-0", model: "keep" }));
      assert.deepEqual(await observe("keep"), [ready]);
      await end(replica);
    });

    test("a crash is seen with its signal and counted, and start runs it again", async () => {
      const replica = replicaSpec({ name: "crash-1-0", model: "crash" });
      await start(replica);
      const first = await becomes(replica, "ready");
      await harness.crash(replica.namespace, replica.name);
      const crashed = await becomes(replica, "exited");
      assert.equal(crashed.exit?.reason, "Error");
      assert.equal(crashed.exit?.signal, "SIGKILL");
      assert.equal(crashed.restarts, 1);
      await start(replica);
      const second = await becomes(replica, "ready");
      assert.notEqual(second.pid, first.pid);
      assert.equal(second.restarts, 1);
      assert.equal(second.exit?.reason, "Error", "the last exit is kept while it runs again");
      await end(replica);
    });

    test("failures of another Model of the same name are not inherited", async () => {
      const old = replicaSpec({ name: "again-1-0", model: "again" });
      await start(old);
      await becomes(old, "ready");
      await harness.crash(old.namespace, old.name);
      await becomes(old, "exited");
      const successor = { ...old, owner: "5d0f3c55-7a0e-4a57-8f0e-8a3c1d5b9e21" };
      await start(successor);
      const ready = await becomes(successor, "ready");
      assert.equal(ready.owner, successor.owner);
      assert.equal(ready.restarts, 0);
      assert.equal(ready.exit, undefined);
      await end(successor);
    });

    test("a model that cannot be served ends as ModelInvalid with the reason", async () => {
      const replica = harness.withFault(
        replicaSpec({ name: "bad-1-0", model: "bad", bundle: `sha256:${"b".repeat(64)}` }),
        "invalidModel",
      );
      await start(replica);
      const exited = await becomes(replica, "exited");
      assert.equal(exited.exit?.reason, "ModelInvalid");
      assert.equal(exited.error?.code, "invalid");
      assert.equal(exited.restarts, 1);
      await end(replica);
    });

    test("a process that cannot be started ends as StartFailed", async () => {
      const replica = harness.withFault(replicaSpec({ name: "nostart-1-0", model: "nostart" }), "cannotStart");
      await start(replica);
      const exited = await becomes(replica, "exited");
      assert.equal(exited.exit?.reason, "StartFailed");
      assert.equal(exited.restarts, 1);
      await end(replica);
    });

    test("a replica that ignores the stop is killed after its grace period", async () => {
      const replica = harness.withFault(replicaSpec({ name: "stubborn-1-0", model: "stubborn" }), "ignoresStop");
      await start(replica);
      await becomes(replica, "ready");
      await stop(replica, 200);
      assert.equal((await becomes(replica, "draining")).state, "draining");
      const exited = await becomes(replica, "exited");
      assert.equal(exited.exit?.signal, "SIGKILL");
      assert.equal(exited.exit?.reason, "Error");
      assert.equal(exited.restarts, 0);
      await forget(replica);
    });

    test("keeps models and namespaces apart", async () => {
      const here = replicaSpec({ name: "same-1-0", model: "same", namespace: "default" });
      const there = replicaSpec({ name: "same-1-0", model: "same", namespace: "other" });
      await start(here);
      await start(there);
      const addresses = [(await becomes(here, "ready")).address, (await becomes(there, "ready")).address];
      assert.notEqual(addresses[0], addresses[1]);
      await end(there);
      assert.equal((await observe("same")).length, 1);
      assert.deepEqual(await observe("same", "other"), []);
      await end(here);
    });

    test("changes begins with all models that have replicas, follows changes, and ends with its signal", async () => {
      const early = replicaSpec({ name: "early-1-0", model: "early" });
      const late = replicaSpec({ name: "late-1-0", model: "late", namespace: "other" });
      await start(early);
      await becomes(early, "ready");
      const stopWatching = new AbortController();
      const seen: Key[] = [];
      const watching = (async () => {
        for await (const key of harness.backend.changes(stopWatching.signal)) seen.push(key);
      })();
      const sees = async (model: string, from: number) => {
        for (let step = 0; step < steps; step++) {
          if (seen.slice(from).some((key) => key.name === model)) return;
          await harness.elapse(stepMs);
        }
        throw new assert.AssertionError({ message: `No change of ${model}; seen: ${JSON.stringify(seen)}` });
      };
      await sees("early", 0);
      await start(late);
      await sees("late", 0);
      assert.deepEqual(
        seen.find((key) => key.name === "late"),
        { namespace: "other", name: "late" },
      );
      await becomes(late, "ready");
      await harness.elapse(stepMs);
      const before = seen.length;
      await harness.crash(early.namespace, early.name);
      await sees("early", before);
      stopWatching.abort();
      await watching;
      await end(early, late);
    });

    test("a call whose signal has aborted is refused and changes nothing", async () => {
      const replica = replicaSpec({ name: "aborted-1-0", model: "aborted" });
      const gone = AbortSignal.abort();
      await assert.rejects(harness.backend.perform({ type: "start", replica }, gone));
      await assert.rejects(harness.backend.observe({ namespace: "default", name: "aborted" }, gone));
      assert.deepEqual(await observe("aborted"), []);
    });
  });
}
