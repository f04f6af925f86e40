import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Action, Backend, Observed, ObservedReplica } from "@slipway/control";
import type { Key } from "@slipway/spec";
import { type SampleRun, type SampleRunOptions, sampleRun } from "./sample-run.ts";

/** A fault that a harness can build into the replicas of a revision. */
export type ReplicaFault = "invalidModel" | "ignoresStop" | "cannotStart";

/** A backend and what the suite must be able to do to it. What a replica is called, and whether it is a process, is the place's own matter. */
export interface BackendHarness {
  readonly backend: Backend;
  /** Two namespaces that the suite may use. Default `default` and `other`. */
  readonly namespaces?: readonly [string, string];
  /** Lets about this many milliseconds pass on the backend's clock. */
  elapse(ms: number): Promise<void>;
  /** How long anything may take, milliseconds. Default 10 s. */
  readonly patienceMs?: number;
  /** Kills a running replica from outside, so that its place starts it again or another for it. */
  crash(namespace: string, name: string): Promise<void>;
  /** Makes Model and revision known to the place, with a fault if one is asked for, and returns them as they are there. */
  prepare(sample: SampleRun, fault?: ReplicaFault): Promise<SampleRun>;
  /** Tests that this place cannot pass, by their name, with the reason. */
  readonly skip?: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const stepMs = 20;

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
    const keyOf = ({ model: { metadata } }: SampleRun): Key => ({ namespace: metadata.namespace!, name: metadata.name });
    const run = (of: SampleRun, replicas: number, leaving: readonly string[] = []) =>
      perform({ type: "run", ...of, replicas, leaving });
    const endAction = ({ model: { metadata }, revision }: SampleRun): Action => ({
      type: "end",
      namespace: metadata.namespace!,
      model: metadata.name,
      revision: revision.metadata.name,
    });
    const observe = (of: SampleRun) => harness.backend.observe(keyOf(of), never);
    const namespace = (index: 0 | 1) => (harness.namespaces ?? ["default", "other"])[index];
    const prepare = (options: SampleRunOptions, fault?: ReplicaFault) =>
      harness.prepare(sampleRun({ namespace: namespace(0), ...options }), fault);

    /** Looks until it is as it should be, and goes on asking for it meanwhile, as control does. */
    async function waitFor(of: SampleRun, accept: (observed: Observed) => boolean, ask?: () => Promise<void>): Promise<Observed> {
      let last: Observed | undefined;
      for (let waited = 0; waited <= (harness.patienceMs ?? 10_000); waited += stepMs) {
        last = await observe(of);
        if (accept(last)) return last;
        await ask?.();
        await harness.elapse(stepMs);
      }
      throw new assert.AssertionError({ message: `It never came to that; last seen: ${JSON.stringify(last)}` });
    }
    const inState = ({ replicas }: Observed, state: ObservedReplica["state"]) =>
      replicas.filter((other) => other.state === state);
    const ready = (of: SampleRun, count: number) =>
      waitFor(
        of,
        (observed) => inState(observed, "ready").length === count && observed.replicas.length === count,
        () => run(of, count),
      );

    /** Says `end` until nothing is left, as control does. */
    async function end(...all: SampleRun[]): Promise<void> {
      for (const of of all) {
        await waitFor(
          of,
          ({ replicas, runs = [] }) => replicas.length + runs.length === 0,
          () => perform(endAction(of)),
        );
      }
    }

    const it = (what: string, body: () => Promise<void>) =>
      test(what, async (context) => {
        const reason = harness.skip?.[what];
        if (reason === undefined) await body();
        else context.skip(reason);
      });

    it("knows nothing of a model it never heard of", async () => {
      const { replicas, problems, runs = [] } = await observe(sampleRun({ model: "nothing", namespace: namespace(0) }));
      assert.deepEqual([replicas, problems, runs], [[], [], []]);
    });

    it("run leads to as many ready replicas, each with its name, address and start time", async () => {
      const of = await prepare({ model: "up" });
      await run(of, 3);
      const { replicas, problems } = await ready(of, 3);
      assert.deepEqual(problems, []);
      assert.equal(new Set(replicas.map((replica) => replica.name)).size, 3);
      assert.equal(new Set(replicas.map((replica) => replica.address)).size, 3);
      for (const replica of replicas) {
        assert.equal(replica.revision, of.revision.metadata.name);
        assert.equal(replica.owner, of.model.metadata.uid);
        assert.ok((replica.address ?? "").length > 0);
        assert.ok(replica.startedAt > 0);
        assert.deepEqual([replica.restarts, replica.exit], [0, undefined]);
      }
      await end(of);
    });

    it("run of what is so already changes nothing", async () => {
      const of = await prepare({ model: "twice" });
      await run(of, 2);
      await run(of, 2);
      const before = await ready(of, 2);
      await run(of, 2);
      await harness.elapse(stepMs);
      assert.deepEqual(await observe(of), before);
      await end(of);
    });

    it("a place that keeps a number says which, of which generation", async () => {
      const of = await prepare({ model: "kept" });
      await run(of, 1);
      const { runs } = await ready(of, 1);
      const kept = { revision: of.revision.metadata.name, replicas: 1, generation: of.model.metadata.generation };
      assert.deepEqual(runs, runs === undefined ? undefined : [kept]);
      await end(of);
    });

    it("a higher number adds, and touches nothing that is there", async () => {
      const of = await prepare({ model: "more" });
      await run(of, 1);
      const [first] = (await ready(of, 1)).replicas;
      await run(of, 2);
      const { replicas } = await ready(of, 2);
      assert.deepEqual(
        replicas.find((replica) => replica.name === first?.name),
        first,
      );
      await end(of);
    });

    it("a lower number ends those that leave, gracefully, and no trace of them stays", async () => {
      const of = await prepare({ model: "fewer" });
      await run(of, 3);
      const { replicas } = await ready(of, 3);
      const [leaves, ...stay] = replicas.map((replica) => replica.name).sort();
      await waitFor(
        of,
        (observed) => observed.replicas.length === 2,
        () => run(of, 2, [leaves!]),
      );
      const left = await ready(of, 2);
      assert.deepEqual(left.replicas.map((replica) => replica.name).sort(), stay);
      await end(of);
    });

    it("a crash is seen, and as many replicas are there again", async () => {
      const of = await prepare({ model: "crash" });
      await run(of, 3);
      const before = await ready(of, 3);
      const victim = before.replicas[1]!;
      const known = new Set(before.replicas.map(({ name, startedAt, restarts }) => `${name} ${startedAt} ${restarts}`));
      await harness.crash(namespace(0), victim.name);
      const isNew = ({ name, startedAt, restarts }: ObservedReplica) => !known.has(`${name} ${startedAt} ${restarts}`);
      const again = await waitFor(
        of,
        (observed) => inState(observed, "ready").length === 3 && observed.replicas.some(isNew),
        () => run(of, 3),
      );
      const changed = again.replicas.filter(isNew);
      assert.equal(changed.length, 1, "the others are untouched");
      if (changed[0]!.name === victim.name) {
        assert.equal(changed[0]!.restarts, 1);
        assert.equal(changed[0]!.exit?.reason, "Error", "the last exit is kept while it runs again");
      }
      await end(of);
    });

    it("end drains what runs, leaves nothing, and may be said of nothing", async () => {
      const of = await prepare({ model: "down" });
      await run(of, 2);
      await ready(of, 2);
      await end(of);
      await perform(endAction(of));
      assert.deepEqual((await observe(of)).replicas, []);
    });

    it("failures of another Model of the same name are not inherited", async () => {
      const old = await prepare({ model: "again" });
      await run(old, 1);
      const [first] = (await ready(old, 1)).replicas;
      await harness.crash(namespace(0), first!.name);
      await waitFor(
        old,
        (observed) => observed.replicas.some((replica) => replica.restarts === 1),
        () => run(old, 1),
      );
      await end(old);
      const successor = await prepare({ model: "again", owner: "5d0f3c55-7a0e-4a57-8f0e-8a3c1d5b9e21" });
      await run(successor, 1);
      const [replica] = (await ready(successor, 1)).replicas;
      assert.deepEqual([replica?.owner, replica?.restarts, replica?.exit], [successor.model.metadata.uid, 0, undefined]);
      await end(successor);
    });

    it("a model that cannot be served ends as ModelInvalid with the reason", async () => {
      const of = await prepare({ model: "bad", bundle: `sha256:${"b".repeat(64)}` }, "invalidModel");
      await run(of, 1);
      const observed = await waitFor(of, ({ replicas }) => replicas.some((replica) => replica.exit?.reason === "ModelInvalid"));
      const [replica] = observed.replicas;
      assert.ok(replica!.restarts >= 1);
      assert.ok(replica!.exit!.message.length > 0);
      await end(of);
    });

    it("a replica that cannot be started is seen with the reason", async () => {
      const of = await prepare({ model: "nostart" }, "cannotStart");
      await run(of, 1);
      await waitFor(of, ({ replicas }) =>
        replicas.some((replica) => replica.exit?.reason === "StartFailed" || replica.error?.reason !== undefined),
      );
      await end(of);
    });

    it("a replica that ignores the stop is killed after its grace period", async () => {
      const of = await prepare({ model: "stubborn" }, "ignoresStop");
      await run(of, 1);
      await ready(of, 1);
      await perform(endAction(of));
      await waitFor(of, (observed) => inState(observed, "draining").length === 1);
      await end(of);
    });

    it("keeps models and namespaces apart", async () => {
      const here = await prepare({ model: "same" });
      const there = await prepare({ model: "same", namespace: namespace(1) });
      await run(here, 1);
      await run(there, 1);
      const [one] = (await ready(here, 1)).replicas;
      const [other] = (await ready(there, 1)).replicas;
      assert.notEqual(one?.address, other?.address);
      await end(there);
      assert.equal((await observe(here)).replicas.length, 1);
      await end(here);
    });

    it("changes begins with all models that have replicas, follows changes, and ends with its signal", async () => {
      const early = await prepare({ model: "early" });
      const late = await prepare({ model: "late", namespace: namespace(1) });
      await run(early, 1);
      const [replica] = (await ready(early, 1)).replicas;
      const stopWatching = new AbortController();
      const seen: Key[] = [];
      const watching = (async () => {
        for await (const key of harness.backend.changes(stopWatching.signal)) seen.push(key);
      })();
      const sees = async (model: string, from: number) => {
        for (let waited = 0; waited <= (harness.patienceMs ?? 10_000); waited += stepMs) {
          if (seen.slice(from).some((key) => key.name === model)) return;
          await harness.elapse(stepMs);
        }
        throw new assert.AssertionError({ message: `No change of ${model}; seen: ${JSON.stringify(seen)}` });
      };
      await sees("early", 0);
      await run(late, 1);
      await sees("late", 0);
      assert.deepEqual(
        seen.find((key) => key.name === "late"),
        keyOf(late),
      );
      await ready(late, 1);
      await harness.elapse(stepMs);
      const before = seen.length;
      await harness.crash(namespace(0), replica!.name);
      await sees("early", before);
      stopWatching.abort();
      await watching;
      await end(early, late);
    });

    it("who crashes again and again is waited for, and the end of the wait is a change", async () => {
      const of = await prepare({ model: "often" });
      const stopWatching = new AbortController();
      // As control does it: whatever changes, it asks again, and never otherwise.
      const controlling = (async () => {
        for await (const { name } of harness.backend.changes(stopWatching.signal)) if (name === "often") await run(of, 1);
      })();
      await run(of, 1);
      for (let crashes = 0; crashes < 2; crashes++) {
        const { replicas } = await waitFor(of, (observed) => inState(observed, "ready").length === 1);
        await harness.crash(namespace(0), inState({ replicas, problems: [] }, "ready")[0]!.name);
        await waitFor(of, (observed) => inState(observed, "ready").length === 0);
      }
      await waitFor(of, (observed) => inState(observed, "ready").length === 1);
      stopWatching.abort();
      await controlling;
      await end(of);
    });

    it("a call whose signal has aborted is refused and changes nothing", async () => {
      const of = await prepare({ model: "aborted" });
      const gone = AbortSignal.abort();
      await assert.rejects(harness.backend.perform({ type: "run", ...of, replicas: 1, leaving: [] }, gone));
      await assert.rejects(harness.backend.observe(keyOf(of), gone));
      assert.deepEqual((await observe(of)).replicas, []);
    });
  });
}
