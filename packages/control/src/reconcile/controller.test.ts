import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { revisionName } from "@slipway/spec";
import { drainFinalizer } from "../managers.ts";
import { ControlWorld } from "./fixtures/control-world.ts";
import { sayAction } from "./fixtures/say-action.ts";

const bundle = (letter: string) => `sha256:${letter.repeat(64)}`;
const v = (letter: string) => ({ source: { bundle: bundle(letter) } });

function open(t: TestContext, options: ConstructorParameters<typeof ControlWorld>[0] = {}): ControlWorld {
  const world = new ControlWorld(options);
  t.after(() => world.close());
  return world;
}

async function ready(world: ControlWorld, name = "digits") {
  return (await world.model(name)).status?.conditions?.find((condition) => condition.type === "Ready");
}

async function traffic(world: ControlWorld, name = "digits") {
  return (await world.model(name)).status?.traffic?.map((share) => `${share.percent} ${share.revision}`);
}

const actions = (world: ControlWorld) => world.backend.performed.map(sayAction);
const ending = (world: ControlWorld) => actions(world).filter((action) => /^end | without /.test(action));

test("a Model is created, held for while it starts, and ready; then nothing is written any more", async (t) => {
  const world = open(t);
  const rev = revisionName(await world.apply("digits", v("a")));
  await world.clock.advance(50);
  assert.deepEqual(world.routes.possible("default", "digits")[0]?.revisions, [{ name: rev, percent: 100, replicas: [] }]);
  assert.equal((await ready(world))?.reason, "Starting");
  await world.clock.advance(200);
  assert.deepEqual([(await ready(world))?.status, await traffic(world)], ["True", [`100 ${rev}`]]);
  assert.deepEqual((await world.model("digits")).metadata.finalizers, [drainFinalizer]);
  assert.equal(world.routes.possible("default", "digits")[0]?.revisions[0]?.replicas[0]?.name, `${rev}-0`);
  const [version, asked] = [await world.version(), world.backend.performed.length];
  await world.clock.advance(10 * 60_000);
  assert.deepEqual([await world.version(), world.backend.performed.length], [version, asked]);
  assert.deepEqual(await world.events("digits"), [
    `RevisionChanged: ${rev} is made from the spec.`,
    `ReplicaStarting: ${rev}-0 starts: spec.scaling.minReplicas is 1.`,
    `ReplicaReady: ${rev}-0 answers, process 1000.`,
    `Ready: ${rev} answers.`,
  ]);
});

test("a change of version moves requests only when the new one answers, stops the old only after every gateway knows, and says why", async (t) => {
  const world = open(t, { acknowledgeMs: () => 300, gateways: 2 });
  const old = revisionName(await world.apply("digits", { ...v("a"), scaling: { minReplicas: 2 } }));
  await world.clock.advance(2_000);
  const before = (await world.events("digits")).length;
  const next = revisionName(await world.apply("digits", { ...v("b"), scaling: { minReplicas: 2 } }));
  await world.clock.advance(90);
  assert.deepEqual(await traffic(world), [`100 ${old}`]);
  await world.clock.advance(30);
  assert.deepEqual(await traffic(world), [`100 ${next}`]);
  assert.deepEqual(ending(world), []);
  await world.clock.advance(2_000);
  assert.deepEqual(world.states("digits"), [`${next}-0 ready`, `${next}-1 ready`].sort());
  assert.deepEqual((await world.events("digits")).slice(before), [
    `RevisionChanged: ${next} is made from the spec: spec.source changed (was ${old}).`,
    `ReplicaStarting: ${next}-0 and ${next}-1 start: it takes over from ${old} once it answers.`,
    `ReplicaReady: ${next}-0 answers, process 1002.`,
    `ReplicaReady: ${next}-1 answers, process 1003.`,
    `TrafficSwitched: Requests go 100 % to ${next}: it is what the spec describes, and it answers.`,
    `Ready: ${next} answers.`,
    `ReplicaDraining: ${old}-0 and ${old}-1 finish what was accepted and then end: ${next} answers instead.`,
  ]);
  assert.deepEqual(
    (await world.revisions("digits")).map((revision) => [revision.metadata.name, revision.spec.number, revision.status?.state]),
    [
      [old, 1, "Retired"],
      [next, 2, "Active"],
    ],
  );
});

test("a rollback pins; the unchanged file keeps the pin; a new revision ends it", async (t) => {
  const world = open(t);
  const first = revisionName(await world.apply("digits", v("a")));
  await world.clock.advance(1_000);
  const second = revisionName(await world.apply("digits", v("b")));
  await world.clock.advance(1_000);
  await world.rollback("digits", first);
  await world.clock.advance(1_000);
  assert.deepEqual([await traffic(world), world.states("digits")], [[`100 ${first}`], [`${first}-0 ready`]]);
  assert.equal((await world.model("digits")).status?.latestRevision, second);
  await world.apply("digits", v("b"));
  await world.clock.advance(1_000);
  assert.deepEqual(await traffic(world), [`100 ${first}`]);
  const third = revisionName(await world.apply("digits", v("c")));
  await world.clock.advance(1_000);
  assert.deepEqual([await traffic(world), world.states("digits")], [[`100 ${third}`], [`${third}-0 ready`]]);
  assert.equal((await world.model("digits")).spec.traffic, undefined);
  const told = await world.events("digits");
  assert.ok(told.includes(`TrafficSwitched: Requests go 100 % to ${first}: \`slipway rollback\` asked for it.`), told.join("\n"));
  assert.ok(told.includes(`RollbackEnded: The rollback to ${first} ends: the spec now describes ${third}.`), told.join("\n"));
});

test("traffic in percent text splits requests and replicas", async (t) => {
  const world = open(t);
  const first = revisionName(await world.apply("digits", { ...v("a"), replicas: 4 }));
  await world.clock.advance(1_000);
  const second = revisionName(await world.apply("digits", { ...v("b"), replicas: 4 }));
  await world.clock.advance(1_000);
  const split = [
    { revision: first, percent: "75%" },
    { revision: second, percent: "25%" },
  ];
  await world.apply("digits", { ...v("b"), replicas: 4, traffic: split });
  await world.clock.advance(1_000);
  assert.deepEqual(await traffic(world), [`75 ${first}`, `25 ${second}`]);
  assert.deepEqual(world.states("digits"), [...[0, 1, 2].map((n) => `${first}-${n} ready`), `${second}-0 ready`].sort());
});

test("the scale subresource scales up and down without touching what stays", async (t) => {
  const world = open(t);
  const rev = revisionName(await world.apply("digits", v("a")));
  await world.clock.advance(1_000);
  const [kept] = world.replicas("digits");
  await world.scale("digits", 3);
  await world.clock.advance(1_000);
  assert.deepEqual(
    world.states("digits"),
    [0, 1, 2].map((n) => `${rev}-${n} ready`),
  );
  await world.scale("digits", 1);
  await world.clock.advance(1_000);
  assert.deepEqual(world.replicas("digits"), [kept]);
  const told = await world.events("digits");
  assert.ok(told.includes(`ReplicaStarting: ${rev}-1 and ${rev}-2 start: spec.replicas is 3.`), told.join("\n"));
  assert.ok(
    told.includes(`ReplicaDraining: ${rev}-1 and ${rev}-2 finish what was accepted and then end: spec.replicas is 1.`),
    told.join("\n"),
  );
});

test("a replica that crashes again and again is started at once, then after 1 s, 2 s, 4 s, and this is told", async (t) => {
  const world = open(t);
  world.backend.startMs = 10;
  const rev = revisionName(await world.apply("digits", v("a")));
  await world.clock.advance(500);
  const starts: number[] = [];
  for (const wait of [0, 1_000, 2_000, 4_000]) {
    assert.equal(world.backend.crash("default", `${rev}-0`), true);
    const crashedAt = world.clock.now();
    await world.clock.advance(wait + 100);
    const [replica] = world.replicas("digits");
    assert.equal(replica?.state, "ready");
    starts.push(replica!.startedAt - crashedAt);
  }
  assert.deepEqual(starts, [0, 1_000, 2_000, 4_000]);
  assert.equal((await ready(world))?.status, "True");
  const told = await world.events("digits");
  assert.ok(told.includes(`ReplicaFailed: ${rev}-0 ended: It was killed by SIGKILL; it starts again in 4 s.`), told.join("\n"));
});

test("an invalid model leaves the old revision serving and says so; its repair takes over", async (t) => {
  const world = open(t);
  const old = revisionName(await world.apply("digits", v("a")));
  await world.clock.advance(1_000);
  world.backend.invalidModel(bundle("b"));
  await world.apply("digits", v("b"));
  await world.clock.advance(30_000);
  assert.deepEqual([await traffic(world), (await ready(world))?.reason], [[`100 ${old}`], "ModelInvalid"]);
  assert.match((await ready(world))!.message, new RegExp(`cannot start: The model cannot be loaded; ${old} keeps answering`));
  const repaired = revisionName(await world.apply("digits", v("c")));
  await world.clock.advance(1_000);
  assert.deepEqual([await traffic(world), world.states("digits")], [[`100 ${repaired}`], [`${repaired}-0 ready`]]);
});

test("a deleted Model drains before its finalizer goes, and takes its revisions with it", async (t) => {
  const world = open(t, { acknowledgeMs: () => 100 });
  await world.apply("digits", { ...v("a"), replicas: 2 });
  await world.clock.advance(1_000);
  await world.store.remove("Model", { namespace: "default", name: "digits" });
  await world.clock.advance(120);
  assert.deepEqual(
    world.replicas("digits").map((replica) => replica.state),
    ["draining", "draining"],
  );
  assert.equal((await ready(world))?.reason, "Deleting");
  await world.clock.advance(500);
  assert.equal(await world.find("digits"), undefined);
  assert.deepEqual([world.replicas("digits"), await world.revisions("digits")], [[], []]);
  assert.deepEqual(world.routes.possible("default", "digits"), []);
});

test("a Model deleted and made again at once gets replicas of its own", async (t) => {
  const world = open(t);
  const made = await world.apply("digits", v("a"));
  await world.clock.advance(1_000);
  const [old] = world.replicas("digits");
  await world.store.remove("Model", { namespace: "default", name: "digits" });
  // Gone by force, with its replicas still there: the finalizer cannot help.
  const going = await world.model("digits");
  await world.store.write(
    { ...going, metadata: { ...going.metadata, finalizers: [] } },
    { expect: going.metadata.resourceVersion!, manager: "kubectl" },
  );
  const again = await world.apply("digits", v("a"));
  assert.notEqual(again.metadata.uid, made.metadata.uid);
  await world.clock.advance(2_000);
  const [replica] = world.replicas("digits");
  assert.deepEqual([world.replicas("digits").length, replica?.owner, replica?.state], [1, again.metadata.uid, "ready"]);
  assert.notEqual(replica?.pid, old?.pid);
  assert.equal((await ready(world))?.status, "True");
});

test("revisions left behind without an owner are taken over by the next Model of that name", async (t) => {
  const world = open(t);
  const rev = revisionName(await world.apply("digits", v("a")));
  await world.clock.advance(1_000);
  await world.store.remove("Model", { namespace: "default", name: "digits" }, { propagation: "Orphan" });
  await world.clock.advance(1_000);
  assert.equal(await world.find("digits"), undefined);
  assert.equal((await world.revisions("digits")).length, 1);
  const again = await world.apply("digits", v("a"));
  await world.clock.advance(1_000);
  const [revision] = await world.revisions("digits");
  assert.deepEqual([revision?.metadata.name, revision?.metadata.ownerReferences?.[0]?.uid], [rev, again.metadata.uid]);
  assert.equal((await ready(world))?.status, "True");
});

test("a namespace that is deleted takes its Models with it, drained", async (t) => {
  const world = open(t);
  await world.store.write(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } },
    { expect: "absent", manager: "kubectl" },
  );
  await world.apply("digits", v("a"), { namespace: "team" });
  await world.clock.advance(1_000);
  await world.store.remove("Namespace", { name: "team" });
  await world.clock.advance(1_000);
  assert.equal(await world.store.get("Namespace", { name: "team" }), undefined);
  assert.deepEqual(world.replicas("digits", "team"), []);
});

test("control killed in the middle of a rollout goes on where the world is, and touches no replica that stays", async (t) => {
  const world = open(t);
  const old = revisionName(await world.apply("digits", v("a")));
  await world.clock.advance(1_000);
  const next = revisionName(await world.apply("digits", v("b")));
  await world.clock.advance(50);
  world.restartControl();
  await world.clock.advance(30);
  assert.deepEqual(await traffic(world), [`100 ${old}`]);
  const pid = world.replicas("digits").find((replica) => replica.revision === next)?.pid;
  await world.clock.advance(1_000);
  assert.deepEqual([await traffic(world), world.states("digits")], [[`100 ${next}`], [`${next}-0 ready`]]);
  assert.equal(world.replicas("digits")[0]?.pid, pid);
  assert.equal(world.synced, 2);
});

test("control that comes back stops nothing that a gateway may have from the control before", async (t) => {
  const world = open(t, { acknowledgeMs: () => 200 });
  await world.apply("digits", { ...v("a"), replicas: 3 });
  await world.clock.advance(2_000);
  world.restartControl();
  await world.scale("digits", 1);
  await world.clock.advance(190);
  assert.equal(world.routes.possible("default", "digits")[0]?.revisions[0]?.replicas.length, 3);
  assert.deepEqual(ending(world), []);
  await world.clock.advance(300);
  assert.equal(world.replicas("digits").length, 1);
});

test("replicas of a Model that went while control was away are drained", async (t) => {
  const world = open(t, { acknowledgeMs: () => 100 });
  await world.apply("digits", v("a"));
  await world.apply("other", v("a"));
  await world.clock.advance(1_000);
  const model = await world.model("digits");
  world.restartControl();
  await world.store.write(
    { ...model, metadata: { ...model.metadata, finalizers: [] } },
    { expect: model.metadata.resourceVersion!, manager: "kubectl" },
  );
  await world.store.remove("Model", { namespace: "default", name: "digits" });
  await world.clock.advance(1_000);
  assert.deepEqual([world.replicas("digits"), world.routes.possible("default", "digits")], [[], []]);
});

test("gateways get no table before every Model is known again, however often the backend fails", async (t) => {
  const world = open(t);
  await world.apply("digits", v("a"));
  await world.clock.advance(1_000);
  world.backend.failCalls(3);
  world.restartControl();
  await world.clock.advance(500);
  assert.equal(world.synced, 1);
  assert.equal(world.routes.possible("default", "digits").length, 1);
  await world.clock.advance(500);
  assert.equal(world.synced, 2);
});

test("what a watch lost is found again when it has expired", async (t) => {
  const world = open(t);
  await world.apply("digits", v("a"));
  await world.clock.advance(1_000);
  await world.apply("digits", { ...v("a"), replicas: 2 });
  world.controlStore.expireWatches();
  await world.clock.advance(500);
  assert.equal(world.replicas("digits").length, 2);
  assert.equal(world.controlStore.counts.expired, 2);
});

test("a backend that cannot start replicas is named in an event, the status is written, and it goes on when it can", async (t) => {
  const world = open(t);
  await world.clock.advance(10);
  await world.apply("digits", v("a"));
  world.backend.cannotStart("default", revisionName(await world.model("digits")));
  await world.clock.advance(20_000);
  assert.equal((await ready(world))?.reason, "ReplicasFailing");
  world.backend.cannotStart("default", revisionName(await world.model("digits")), false);
  await world.clock.advance(60_000);
  assert.equal((await ready(world))?.status, "True");
});

test("a full disk keeps crashed replicas coming back, and stops none", async (t) => {
  const world = open(t);
  const rev = revisionName(await world.apply("digits", { ...v("a"), replicas: 2 }));
  await world.clock.advance(1_000);
  world.controlStore.full = true;
  world.backend.crash("default", `${rev}-0`);
  await world.clock.advance(1_000);
  assert.ok(world.controlStore.counts.refused > 0);
  await world.scale("digits", 1);
  await world.clock.advance(1_000);
  assert.deepEqual(world.states("digits"), [`${rev}-0 ready`, `${rev}-1 ready`]);
  world.controlStore.full = false;
  await world.clock.advance(60_000);
  assert.deepEqual(world.states("digits"), [`${rev}-1 ready`], "the one that did not crash is the older one");
});
