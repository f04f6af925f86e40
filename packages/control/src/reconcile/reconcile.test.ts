import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError, silentLog, VirtualClock } from "@slipway/base";
import { type Kind, type Model, type ModelStatus, revisionName } from "@slipway/spec";
import { type LocalStore, openMemoryStore } from "@slipway/store";
import { FakeBackend } from "@slipway/testkit";
import { drainFinalizer } from "../managers.ts";
import type { Routes } from "../routes.ts";
import { EventRecorder } from "./event-recorder.ts";
import { FlakyStore } from "./fixtures/flaky-store.ts";
import { sayAction } from "./fixtures/say-action.ts";
import { PublishedRoutes } from "./published-routes.ts";
import { type ReconcileParts, reconcile } from "./reconcile.ts";
import { RevisionIndex } from "./revision-index.ts";
import { SettledWorlds } from "./settled-worlds.ts";

const key = { namespace: "default", name: "digits" };
const bundle = (letter: string) => `sha256:${letter.repeat(64)}`;
const never = new AbortController().signal;

/** The parts of one reconcile, and what it did with them. */
class Stage {
  readonly clock = new VirtualClock();
  readonly store: LocalStore = openMemoryStore({ clock: this.clock });
  readonly flaky = new FlakyStore(this.store, this.clock);
  readonly backend = new FakeBackend({ clock: this.clock });
  readonly routes = new InstantRoutes();
  readonly parts: ReconcileParts = {
    store: this.flaky,
    revisions: new RevisionIndex(),
    settled: new SettledWorlds(),
    backend: this.backend,
    routes: new PublishedRoutes(this.routes),
    events: new EventRecorder(this.flaky, this.clock),
    clock: this.clock,
    log: silentLog,
    gateway: "http://127.0.0.1:7878",
    place: { autoscales: false, conditions: () => [] },
  };

  async apply(spec: Record<string, unknown> = {}): Promise<Model> {
    const found = await this.store.get("Model", key);
    const next = {
      apiVersion: "slipway.dev/v1alpha1",
      kind: "Model",
      metadata: key,
      spec: { source: { bundle: bundle("a") }, ...spec },
    };
    return this.store.write(next as Model, {
      expect: found?.metadata.resourceVersion ?? "absent",
      manager: "test",
      operation: "Apply",
      force: true,
    });
  }

  /** One reconcile: how it ended, which objects changed, what the backend was asked, and how often routes were published. */
  async run(signal = never): Promise<{ outcome: string; wrote: string[]; asked: string[]; published: number }> {
    const { version } = await this.store.list("Model");
    const [asked, published] = [this.backend.performed.length, this.routes.calls];
    const outcome = await reconcile(this.parts, key, signal);
    return {
      outcome: outcome.type,
      wrote: await this.changesAfter(version),
      asked: this.backend.performed.slice(asked).map(sayAction),
      published: this.routes.calls - published,
    };
  }

  /** Reconciles, time passing, until nothing is left to do. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      const { wrote, asked } = await this.run();
      quiet = wrote.length + asked.length === 0 ? quiet + 1 : 0;
      await this.clock.advance(200);
    }
  }

  private async changesAfter(version: string): Promise<string[]> {
    const changes: [number, string][] = [];
    for (const kind of ["Model", "Revision", "Event"] satisfies Kind[]) {
      const stop = new AbortController();
      const seen = this.store.watch(kind, { from: version }, stop.signal);
      const reading = (async () => {
        for await (const change of seen)
          if (change.type !== "bookmark") changes.push([Number(change.version), `${change.type} ${kind}`]);
      })();
      await new Promise<void>((resolve) => setImmediate(resolve));
      stop.abort();
      await reading;
    }
    return changes.sort(([a], [b]) => a - b).map(([, text]) => text);
  }
}

/** Gateways that have every table in force the moment it is published, unless held. */
class InstantRoutes implements Routes {
  calls = 0;
  held: number | undefined;
  private generation = 1;
  private readonly listeners = new Set<(generation: number) => void>();

  publish(): number {
    this.calls++;
    this.generation++;
    return this.generation;
  }

  acknowledged(): number {
    return this.held ?? this.generation;
  }

  onAcknowledged(listener: (generation: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

const nothing = { outcome: "done", wrote: [], asked: [], published: 0 };

test("a key that names nothing does nothing", async () => {
  const stage = new Stage();
  assert.deepEqual(await stage.run(), nothing);
});

test("a key that names nothing, but has a replica: its route goes first, then the replica, then all memory of it", async () => {
  const stage = new Stage();
  const model = await stage.apply();
  await stage.settle();
  await stage.store.write(
    { ...(await current(stage)), metadata: { ...model.metadata, finalizers: [] } },
    { expect: (await current(stage)).metadata.resourceVersion!, manager: "test" },
  );
  await stage.store.remove("Model", key);
  stage.routes.held = 0;
  const first = await stage.run();
  assert.deepEqual([first.published, first.asked], [1, []]);
  assert.deepEqual(await stage.run(), nothing);
  stage.routes.held = undefined;
  assert.deepEqual((await stage.run()).asked, [`end ${revisionName(model)}`]);
  await stage.clock.advance(100);
  assert.deepEqual((await stage.run()).asked, [`end ${revisionName(model)}`]);
  assert.deepEqual(await stage.run(), nothing);
  assert.equal(stage.parts.routes.knows(key), false);
});

test("a Model being deleted starts nothing, and goes in the end", async () => {
  const stage = new Stage();
  await stage.apply({ replicas: 2 });
  await stage.run();
  await stage.store.remove("Model", key);
  const first = await stage.run();
  assert.deepEqual([first.asked, first.wrote], [[], ["modified Model", "added Event"]]);
  await stage.settle();
  assert.equal(await stage.store.get("Model", key), undefined);
});

test("a conflict at the first write leaves the rest undone, and the same is tried again", async () => {
  const stage = new Stage();
  await stage.apply();
  stage.flaky.conflicts = 1;
  assert.deepEqual(await stage.run(), { ...nothing, outcome: "retry" });
  assert.deepEqual(await stage.run(), { ...nothing, outcome: "after", wrote: ["modified Model"] });
});

test("a conflict at the status tells no event, and the next run tells it once", async () => {
  const stage = new Stage();
  await stage.apply();
  await stage.run();
  await stage.run();
  await stage.clock.advance(200);
  await stage.run();
  stage.flaky.conflicts = 1;
  stage.backend.crash("default", `${revisionName(await current(stage))}-0`);
  const refused = await stage.run();
  assert.deepEqual([refused.outcome, refused.wrote], ["retry", []]);
  assert.equal(refused.asked.length, 1, "the replica comes back all the same");
  const told = await stage.run();
  assert.deepEqual(told.wrote.slice(0, 2), ["modified Model", "added Event"]);
});

test("a new Model gets its finalizer, then all else in order: route, revision, replica, status", async () => {
  const stage = new Stage();
  const rev = revisionName(await stage.apply());
  assert.deepEqual(await stage.run(), { ...nothing, outcome: "after", wrote: ["modified Model"] });
  assert.deepEqual(await stage.run(), {
    outcome: "done",
    wrote: ["added Revision", "modified Model", "added Event"],
    asked: [`run 1 ${rev}`],
    published: 1,
  });
  assert.deepEqual((await current(stage)).metadata.finalizers, [drainFinalizer]);
});

test("what is asked for a new revision names it as it is stored, so that what a place makes of it can belong to it", async () => {
  const stage = new Stage();
  const model = await stage.apply();
  await stage.settle();
  const stored = await stage.store.get("Revision", { ...key, name: revisionName(model) });
  const [first] = stage.backend.performed;
  assert.ok(first?.type === "run");
  assert.equal(first.revision.metadata.uid, stored!.metadata.uid);
});

test("a settled Model: not one write, action or route", async () => {
  const stage = new Stage();
  await stage.apply({ replicas: 3 });
  await stage.settle();
  assert.deepEqual(await stage.run(), nothing);
});

test("a backend that refuses to start a replica: the status and an event say so, and it is tried again", async () => {
  const stage = new Stage();
  const rev = revisionName(await stage.apply());
  await stage.run();
  const { backend } = stage;
  const refusing = {
    ...stage.parts,
    backend: { ...observing(backend), perform: async () => Promise.reject(new SlipwayError("unavailable", "No room.")) },
  };
  const outcome = await reconcile(refusing, key, never);
  assert.equal(outcome.type, "retry");
  assert.ok((await current(stage)).status?.conditions);
  const { items } = await stage.store.list("Event");
  assert.ok(items.some((event) => event.message === `Replicas of ${rev} could not be started: No room.`));
});

test("a backend that cannot be observed changes nothing", async () => {
  const stage = new Stage();
  await stage.apply();
  stage.backend.failCalls(1);
  assert.deepEqual(await stage.run(), { ...nothing, outcome: "retry" });
});

test("a crash is asked about again whenever it is looked at, and a world with one is never settled", async () => {
  const stage = new Stage();
  const rev = revisionName(await stage.apply());
  await stage.settle();
  stage.backend.crash("default", `${rev}-0`);
  await stage.run();
  stage.backend.crash("default", `${rev}-0`);
  await stage.run();
  assert.deepEqual(await stage.run(), { ...nothing, asked: [`run 1 ${rev}`] });
});

test("an aborted signal ends a reconcile in peace", async () => {
  const stage = new Stage();
  await stage.apply();
  assert.deepEqual(await stage.run(AbortSignal.abort()), nothing);
});

test("a revision of a Model that had the same name is never used, and holds its successor up only until it is collected", async () => {
  const stage = new Stage();
  const model = await stage.apply();
  await stage.run();
  await stage.run();
  await stage.store.write(
    { ...(await current(stage)), metadata: { ...model.metadata, finalizers: [] } },
    { expect: (await current(stage)).metadata.resourceVersion!, manager: "test" },
  );
  await stage.store.remove("Model", key);
  await stage.apply();
  await stage.run();
  const blocked = await stage.run();
  assert.deepEqual([blocked.outcome, blocked.asked], ["retry", []]);
  const name = revisionName(model);
  const [old] = stage.parts.revisions.of(key);
  await stage.store.remove("Revision", { namespace: "default", name });
  stage.parts.revisions.drop(old!);
  await stage.settle();
  const [replica] = stage.backend.all;
  assert.equal(replica?.spec.owner, (await current(stage)).metadata.uid);
});

test("unused revisions beyond ten go, the oldest first", async () => {
  const stage = new Stage();
  for (let index = 0; index < 12; index++) {
    await stage.apply({ parameters: { n: String(index) } });
    await stage.settle();
  }
  assert.equal((await stage.store.list("Revision")).items.length, 11);
});

test("what a status says is what the API takes: a second look writes nothing", async () => {
  const stage = new Stage();
  await stage.apply({ replicas: 2, resources: { cpu: "500m", memory: "256Mi" } });
  await stage.settle();
  const status: ModelStatus | undefined = (await current(stage)).status;
  assert.equal(status?.readyReplicas, 2);
  await stage.clock.advance(3_600_000);
  assert.deepEqual(await stage.run(), nothing);
});

async function current(stage: Stage): Promise<Model> {
  return (await stage.store.get("Model", key))!;
}

function observing(backend: FakeBackend): Pick<FakeBackend, "observe" | "changes"> {
  return { observe: (model, signal) => backend.observe(model, signal), changes: (signal) => backend.changes(signal) };
}
