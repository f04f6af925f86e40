import assert from "node:assert/strict";
import { test } from "node:test";
import type { Model } from "@slipway/spec";
import type { ObservedReplica } from "../backend.ts";
import { rollbackManager } from "../managers.ts";
import {
  both,
  bundle,
  crashed,
  key,
  model,
  now,
  ready,
  replica,
  revisionsOf,
  settled,
  shares,
  statusWith,
  told,
  v1,
  v2,
  world,
} from "./fixtures/plan-world.ts";
import { plan } from "./plan.ts";

test("a key that names nothing, with nothing left, asks for nothing", () => {
  const result = plan(world({ model: undefined }), now);
  assert.deepEqual([result.actions, result.route, result.status, result.createRevision], [[], undefined, undefined, undefined]);
});

test("a Model that is gone leaves no replica and no route, but drains first", () => {
  const input = world({ model: undefined, replicas: [replica(v1, 0)] });
  const routed = {
    ...input,
    routing: {
      published: { ...key, revisions: [{ name: v1, percent: 100, replicas: [{ name: `${v1}-0`, address: "x" }] }] },
      generation: 5,
      acknowledged: 5,
    },
  };
  assert.deepEqual(told(plan(routed, now)), []);
  assert.equal(plan(routed, now).route, undefined);
  assert.deepEqual(told(plan(settled(input), now)), [`end ${v1}`]);
});

test("a Model under deletion drains, and is let go only when nothing of it runs", () => {
  const deleting = model({}, { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" }, status: statusWith(v1) });
  const draining = plan(settled(world({ model: deleting, revisions: both, replicas: [replica(v1, 0)] })), now);
  assert.deepEqual(told(draining), [`end ${v1}`]);
  assert.equal(draining.modelEdits.removeFinalizer, false);
  assert.equal(plan(world({ model: deleting, revisions: both }), now).modelEdits.removeFinalizer, true);
});

test("a new Model gets the finalizer, its first revision, a replica, and a route that lets the gateway hold requests", () => {
  const result = plan(world({ model: model({}, { metadata: { finalizers: [] } }) }), now);
  assert.equal(result.modelEdits.addFinalizer, true);
  assert.equal(result.createRevision?.metadata.name, v1);
  assert.equal(result.createRevision?.spec.number, 1);
  assert.equal(result.createRevision?.metadata.ownerReferences?.[0]?.uid, "uid-1");
  assert.deepEqual(told(result), [`run 1 ${v1}`]);
  assert.deepEqual(result.route?.revisions, [{ name: v1, percent: 100, replicas: [] }]);
  assert.deepEqual([ready(result).status, ready(result).reason], ["False", "Starting"]);
});

test("a settled world asks for nothing and tells nothing", () => {
  const first = plan(world({ revisions: both.slice(0, 1), replicas: [replica(v1, 0)] }), now);
  const input = settled(
    world({ model: model({}, { status: first.status! }), revisions: both.slice(0, 1), replicas: [replica(v1, 0)] }),
  );
  const result = plan(input, now + 3_600_000);
  assert.deepEqual([result.actions, result.createRevision, result.events], [[], undefined, []]);
  assert.deepEqual(result.status, first.status);
  assert.equal(result.route, input.routing.published);
  assert.equal(ready(result).status, "True");
});

test("a change of the source starts the new revision while the old keeps all requests", () => {
  const next = model({ source: { bundle: bundle("b") } }, { status: statusWith(v1) });
  const result = plan(settled(world({ model: next, revisions: both.slice(0, 1), replicas: [replica(v1, 0)] })), now);
  assert.equal(result.createRevision?.metadata.name, v2);
  assert.equal(result.createRevision?.spec.number, 2);
  assert.deepEqual(told(result), [`run 1 ${v2}`]);
  assert.deepEqual(shares(result), [{ revision: v1, percent: 100 }]);
  assert.deepEqual([ready(result).status, ready(result).reason], ["Unknown", "RollingOut"]);
});

test("requests move only when every wanted replica of the new revision answers; then the old ones stop, after the gateways know", () => {
  const next = model({ source: { bundle: bundle("b") }, replicas: 2 }, { status: statusWith(v1) });
  const old = [replica(v1, 0), replica(v1, 1)];
  const half = plan(
    settled(world({ model: next, revisions: both, replicas: [...old, replica(v2, 0), replica(v2, 1, "starting")] })),
    now,
  );
  assert.deepEqual([shares(half), told(half)], [[{ revision: v1, percent: 100 }], []]);

  const complete = world({ model: next, revisions: both, replicas: [...old, replica(v2, 0), replica(v2, 1)] });
  const switching = plan(complete, now);
  assert.deepEqual(shares(switching), [{ revision: v2, percent: 100 }]);
  assert.deepEqual(
    switching.route?.revisions.map((revision) => revision.name),
    [v2],
  );
  assert.deepEqual(told(plan(settled(complete, false), now)), []);
  assert.deepEqual(told(plan(settled(complete), now)), [`end ${v1}`]);
});

test("a revision that cannot start leaves the old one serving, and says why", () => {
  const next = model({ source: { bundle: bundle("b") } }, { status: statusWith(v1) });
  const result = plan(
    settled(world({ model: next, revisions: both, replicas: [replica(v1, 0), crashed(v2, 1, 0, "ModelInvalid")] })),
    now,
  );
  assert.deepEqual(shares(result), [{ revision: v1, percent: 100 }]);
  assert.deepEqual([ready(result).status, ready(result).reason], ["False", "ModelInvalid"]);
  assert.match(ready(result).message, new RegExp(`${v2} cannot start: it broke; ${v1} keeps answering`));
  assert.equal(result.revisionStatuses.get(v2)?.state, "Failed");
});

test("a crashed replica keeps its place, and the place is asked again for as long as it is down", () => {
  const input = (state: ObservedReplica) =>
    world({ model: model({ replicas: 2 }, { status: statusWith(v1) }), revisions: both, replicas: [replica(v1, 1), state] });
  assert.deepEqual(told(plan(input(crashed(v1, 1, 0)), now)), [`run 2 ${v1}`]);
  assert.deepEqual(told(plan(input(crashed(v1, 9, 0)), now)), [`run 2 ${v1}`]);
  assert.deepEqual(told(plan(input(replica(v1, 0, "starting", { restarts: 1 })), now)), []);
});

test("scaling up asks for more; scaling down gives up the youngest once the gateways know", () => {
  const three = model({ replicas: 3 }, { status: statusWith(v1) });
  assert.deepEqual(told(plan(settled(world({ model: three, revisions: both, replicas: [replica(v1, 0)] })), now)), [
    `run 3 ${v1}`,
  ]);
  const one = world({
    model: model({ replicas: 1 }, { status: statusWith(v1) }),
    revisions: both,
    replicas: [2, 1, 0].map((ordinal) => replica(v1, ordinal, "ready", { startedAt: now - 60_000 + ordinal })),
  });
  assert.deepEqual(
    plan(one, now).route?.revisions[0]?.replicas.map((other) => other.name),
    [`${v1}-0`],
  );
  assert.deepEqual(told(plan(settled(one, false), now)), []);
  assert.deepEqual(told(plan(settled(one), now)), [`run 1 ${v1} without ${v1}-1 ${v1}-2`]);
});

const state = (name: string, state: ObservedReplica["state"], startedAt = 0): ObservedReplica => ({
  ...replica(v1, 0, state),
  name,
  startedAt,
});
const ranks: [what: string, wanted: number, replicas: ObservedReplica[], leaves: string][] = [
  ["one that is failed before one that starts", 1, [state("a", "exited"), state("b", "starting")], "a"],
  ["one that starts before one that answers, though older", 1, [state("a", "starting", 1), state("b", "ready", 9)], "a"],
  ["the younger of two that answer", 1, [state("a", "ready", 9), state("b", "ready", 1)], "a"],
  ["the later name of two of the same age", 2, ["c", "a", "b"].map((name) => state(name, "ready", 5)), "c"],
  ["nobody that drains already", 1, [state("a", "draining"), state("b", "ready", 9), state("c", "ready", 10)], "c"],
];
for (const [what, wanted, replicas, leaves] of ranks) {
  test(`who leaves when there are too many: ${what}`, () => {
    const wants = model({ replicas: wanted }, { status: statusWith(v1) });
    const input = settled(world({ model: wants, revisions: both, replicas }));
    assert.deepEqual(told(plan(input, now)), [`run ${wanted} ${v1} without ${leaves}`]);
  });
}

test("what drains counts no more: another is asked for at once, and it leaves the route", () => {
  const input = world({
    model: model({ replicas: 2 }, { status: statusWith(v1) }),
    revisions: both,
    replicas: [replica(v1, 0, "draining"), replica(v1, 1)],
  });
  const result = plan(input, now);
  assert.deepEqual(told(result), [`run 2 ${v1}`]);
  assert.deepEqual(
    result.route?.revisions[0]?.replicas.map((other) => other.name),
    [`${v1}-1`],
  );
});

test("weights split the replicas, and a revision with 0 % still runs one for its pinned path", () => {
  const traffic = [
    { revision: v1, percent: 75 },
    { revision: v2, percent: 25 },
  ];
  const split = plan(world({ model: model({ replicas: 4, traffic }, { status: statusWith(v1) }), revisions: both }), now);
  assert.deepEqual(told(split), [`run 3 ${v1}`, `run 1 ${v2}`]);
  const preview = [
    { revision: v1, percent: 100 },
    { revision: v2, percent: 0 },
  ];
  const result = plan(
    world({ model: model({ traffic: preview }), revisions: both, replicas: [replica(v1, 0), replica(v2, 0)] }),
    now,
  );
  assert.deepEqual(
    result.route?.revisions.map((revision) => [revision.name, revision.percent, revision.replicas.length]).sort(),
    [
      [v1, 100, 1],
      [v2, 0, 1],
    ].sort(),
  );
});

test("traffic to a revision that does not exist changes nothing and is said", () => {
  const traffic = [{ revision: "digits-0000000000", percent: 100 }];
  const result = plan(
    settled(world({ model: model({ traffic }, { status: statusWith(v1) }), revisions: both, replicas: [replica(v1, 0)] })),
    now,
  );
  assert.deepEqual(shares(result), [{ revision: v1, percent: 100 }]);
  assert.deepEqual([ready(result).status, ready(result).reason, told(result)], ["False", "RevisionNotFound", []]);
});

test("a rollback's hold on the traffic stays while the revision is the same, and ends with a new one", () => {
  const managedFields = [
    {
      manager: rollbackManager,
      operation: "Apply",
      apiVersion: "slipway.dev/v1alpha1",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:spec": { "f:traffic": {} } },
    },
  ] as NonNullable<Model["metadata"]["managedFields"]>;
  const pinned = { traffic: [{ revision: v1, percent: 100 }], source: { bundle: bundle("b") } };
  const same = plan(
    world({
      model: model(pinned, { metadata: { managedFields }, status: statusWith(v2) }),
      revisions: both,
      replicas: [replica(v2, 0)],
    }),
    now,
  );
  assert.equal(same.modelEdits.clearTraffic, false);
  assert.deepEqual(told(same), [`run 1 ${v1}`]);
  const changed = model({ ...pinned, source: { bundle: bundle("c") } }, { metadata: { managedFields }, status: statusWith(v2) });
  assert.equal(plan(world({ model: changed, revisions: both }), now).modelEdits.clearTraffic, true);
  const byHand = model({ ...pinned, source: { bundle: bundle("c") } }, { status: statusWith(v2) });
  assert.equal(plan(world({ model: byHand, revisions: both }), now).modelEdits.clearTraffic, false);
});

test("a replica of a deleted Model of the same name is never attached to the new one", () => {
  const input = world({ revisions: both.slice(0, 1), replicas: [replica(v1, 0, "ready", { owner: "uid-0" })] });
  const result = plan(input, now);
  assert.deepEqual(result.route?.revisions[0]?.replicas, []);
  assert.deepEqual(told(plan(settled(input, false), now)), [`run 1 ${v1}`]);
  assert.deepEqual(told(plan(settled(input), now)), [`run 1 ${v1} without ${v1}-0`]);
});

test("unused revisions beyond ten go, the used and the newest stay", () => {
  const many = Array.from({ length: 14 }, (_, index) => {
    const [made] = revisionsOf({ parameters: { n: String(index) } });
    return { ...made!, spec: { ...made!.spec, number: index + 1 } };
  });
  const current = model({ parameters: { n: "13" } }, { status: statusWith(many[0]!.metadata.name) });
  const result = plan(world({ model: current, revisions: many }), now);
  assert.deepEqual(result.deleteRevisions, [many[2]!.metadata.name, many[1]!.metadata.name]);
});

test("control that has published nothing yet stops nothing: gateways may have anything", () => {
  const routing = { published: undefined, generation: Number.POSITIVE_INFINITY, acknowledged: 7 };
  const surplus = world({
    model: model({}, { status: statusWith(v1) }),
    revisions: both,
    replicas: [replica(v1, 0), replica(v1, 1)],
  });
  assert.deepEqual(told(plan({ ...surplus, routing }, now)), []);
  assert.deepEqual(told(plan(settled(surplus), now)), [`run 1 ${v1} without ${v1}-1`]);
  const deleting = model({}, { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } });
  assert.equal(plan(world({ model: deleting, routing }), now).modelEdits.removeFinalizer, false);
});

test("a replica that starts again under a name that an older table still has is not stopped before that table is gone", () => {
  const input = world({
    model: model({ replicas: 1 }, { status: statusWith(v1) }),
    revisions: both,
    replicas: [replica(v1, 0), replica(v1, 1, "starting", { restarts: 1 })],
  });
  assert.deepEqual(told(plan(settled(input, false), now)), []);
  assert.deepEqual(told(plan(settled(input), now)), [`run 1 ${v1} without ${v1}-1`]);
});

test("what answers all requests keeps its replicas while the revision that takes most of them starts", () => {
  const traffic = [
    { revision: v1, percent: "10%" },
    { revision: v2, percent: "90%" },
  ];
  const old = [0, 1, 2, 3].map((ordinal) => replica(v1, ordinal));
  const input = world({ model: model({ replicas: 4, traffic }, { status: statusWith(v1) }), revisions: both, replicas: old });
  const before = plan(settled(input), now);
  assert.deepEqual(told(before), [`run 4 ${v2}`]);
  assert.deepEqual(shares(before), [{ revision: v1, percent: 100 }]);
  const after = plan(settled({ ...input, replicas: [...old, ...[0, 1, 2, 3].map((ordinal) => replica(v2, ordinal))] }), now);
  assert.deepEqual(shares(after), [
    { revision: v1, percent: 10 },
    { revision: v2, percent: 90 },
  ]);
  assert.deepEqual(told(after), [`run 1 ${v1} without ${v1}-1 ${v1}-2 ${v1}-3`]);
});

test("a revision deleted under traffic goes on answering until another does, and the shares always sum to 100", () => {
  const status = statusWith(v1);
  status.traffic = [
    { revision: v1, percent: 60 },
    { revision: v2, percent: 40 },
  ];
  const v2Only = both.slice(1);
  const next = model({ source: { bundle: bundle("b") } }, { status });
  const answering = world({ model: next, revisions: v2Only, replicas: [replica(v1, 0), replica(v2, 0, "starting")] });
  assert.deepEqual([shares(plan(answering, now)), told(plan(settled(answering), now))], [status.traffic, []]);
  const silent = plan(world({ model: next, revisions: v2Only, replicas: [] }), now);
  assert.deepEqual(shares(silent), [{ revision: v2, percent: 100 }]);
});

test("what answers goes on answering until the next does, also when no status could be written yet", () => {
  const first = settled(world({ revisions: both, replicas: [replica(v1, 0)] }));
  const next = { ...first, model: model({ source: { bundle: bundle("b") } }) };
  assert.deepEqual([told(plan(next, now)), shares(plan(next, now))], [[`run 1 ${v2}`], [{ revision: v1, percent: 100 }]]);
});

test("no more replicas than spec.scaling allows, whatever spec.replicas says", () => {
  const input = world({
    model: model({ replicas: 12, scaling: { minReplicas: 1 } }, { status: statusWith(v1) }),
    revisions: both,
  });
  assert.deepEqual(told(plan(input, now)), [`run 10 ${v1}`]);
});

test("revisions that nobody owns are adopted, numbered on from, and never deleted unowned", () => {
  const orphans = both.map((revision) => ({ ...revision, metadata: { ...revision.metadata, ownerReferences: [] } }));
  const result = plan(world({ model: model({ source: { bundle: bundle("c") } }), revisions: orphans }), now);
  assert.deepEqual(
    result.adoptRevisions.map((revision) => [revision.metadata.name, revision.metadata.ownerReferences?.[0]?.uid]),
    [
      [v1, "uid-1"],
      [v2, "uid-1"],
    ],
  );
  assert.equal(result.createRevision?.spec.number, 3);
});
