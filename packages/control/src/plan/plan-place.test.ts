import assert from "node:assert/strict";
import { test } from "node:test";
import type { Autoscaling, ObservedReplica, ObservedRun } from "../backend.ts";
import {
  both,
  bundle,
  model,
  now,
  ready,
  replica,
  settled,
  shares,
  statusWith,
  told,
  v1,
  v2,
  world,
} from "./fixtures/plan-world.ts";
import { type Plan, plan } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";

const metrics: Autoscaling["metrics"] = [{ type: "cpu", target: 70 }];
const scaling = { minReplicas: 2, maxReplicas: 8, metrics: [...metrics] };
const cluster = { autoscales: true, conditions: () => [] };

const run = (revision: string, replicas: number, rest: Partial<ObservedRun> = {}): ObservedRun => ({
  revision,
  replicas,
  generation: 1,
  ...rest,
});
const readyOnes = (revision: string, count: number) => Array.from({ length: count }, (_, ordinal) => replica(revision, ordinal));
const bounds = (minReplicas: number, maxReplicas: number): Autoscaling => ({ minReplicas, maxReplicas, metrics });
const asked = (result: Plan, revision: string) =>
  result.actions.find((action) => action.type === "run" && action.revision.metadata.name === revision);
const progressing = (result: Plan) => result.status!.conditions!.find((condition) => condition.type === "Progressing")!;

/** One revision in force, in a place that keeps numbers. */
function kept(runs: readonly ObservedRun[], replicas: readonly ObservedReplica[], spec = {}, over: Partial<PlanInput> = {}) {
  return settled(world({ model: model(spec, { status: statusWith(v1) }), revisions: both, runs, replicas, ...over }));
}

test("a place that keeps the number is asked only when it keeps another, or was asked by an older Model", () => {
  const three = { replicas: 3 };
  const rows: [runs: ObservedRun[], replicas: ObservedReplica[], expected: string[]][] = [
    [[run(v1, 3)], readyOnes(v1, 3), []],
    [[run(v1, 3)], readyOnes(v1, 1), []],
    [[run(v1, 3)], [...readyOnes(v1, 2), replica(v1, 2, "exited")], []],
    [[], [], [`run 3 ${v1}`]],
    [[run(v1, 2)], readyOnes(v1, 2), [`run 3 ${v1}`]],
    [[run(v1, 4)], readyOnes(v1, 3), [`run 3 ${v1}`]],
    [[run(v1, 3, { generation: 0 })], readyOnes(v1, 3), [`run 3 ${v1}`]],
    [[run(v1, 3, { autoscaling: bounds(1, 3) })], readyOnes(v1, 3), [`run 3 ${v1}`]],
  ];
  for (const [runs, replicas, expected] of rows) assert.deepEqual(told(plan(kept(runs, replicas, three), now)), expected);
});

test("a place that keeps the number keeps the higher one while gateways may send to the surplus", () => {
  const replicas = readyOnes(v1, 3);
  const input = world({ model: model({}, { status: statusWith(v1) }), revisions: both, runs: [run(v1, 3)], replicas });
  assert.deepEqual(told(plan(settled(input, false), now)), []);
  const older = { ...input, runs: [run(v1, 3, { generation: 0 })] };
  assert.deepEqual(told(plan(settled(older, false), now)), [`run 3 ${v1}`]);
  assert.deepEqual(told(plan(settled(input), now)), [`run 1 ${v1} without ${v1}-1 ${v1}-2`]);
  const changed = model({}, { status: statusWith(v1), metadata: { generation: 2 } });
  // The Model's generation alone is no reason to write: the number follows at once.
  assert.deepEqual(told(plan(settled({ ...input, model: changed }, false), now)), []);
  assert.deepEqual(told(plan(settled({ ...input, model: changed }), now)), [`run 1 ${v1} without ${v1}-1 ${v1}-2`]);
});

test("a revision that is not wanted ends though it has no replica, and a Model under deletion waits for that", () => {
  assert.deepEqual(told(plan(kept([run(v1, 1), run(v2, 1)], readyOnes(v1, 1)), now)), [`end ${v2}`]);
  const deleting = model({}, { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } });
  const result = plan(settled(world({ model: deleting, runs: [run(v1, 1)] })), now);
  assert.deepEqual([told(result), result.modelEdits.removeFinalizer], [[`end ${v1}`], false]);
  assert.equal(plan(settled(world({ model: deleting, runs: [] })), now).modelEdits.removeFinalizer, true);
});

test("where the place scales, it is told its bounds, and what runs is what is wanted", () => {
  const over = { place: cluster };
  const first = asked(plan(settled(world({ model: model({ scaling }), runs: [], ...over })), now), v1);
  assert.deepEqual(first?.type === "run" && [first.replicas, first.autoscaling], [2, bounds(2, 8)]);
  const grown = kept([run(v1, 5, { autoscaling: bounds(2, 8) })], readyOnes(v1, 5), { scaling }, over);
  const result = plan(grown, now);
  assert.deepEqual([told(result), progressing(result).reason], [[], "Complete"]);
  const byHand = plan({ ...grown, model: model({ scaling, replicas: 3 }, { status: statusWith(v1) }) }, now);
  assert.match(progressing(byHand).message, /of 3 replicas/);
});

test("where the place does not scale, metrics change nothing", () => {
  const result = plan(
    settled(world({ model: model({ scaling }, { status: statusWith(v1) }), revisions: both, replicas: readyOnes(v1, 2) })),
    now,
  );
  assert.deepEqual(told(result), []);
});

test("a revision that takes over under load begins with as many as run, and is not scaled down before", () => {
  const spec = { scaling, source: { bundle: bundle("b") } };
  const old = run(v1, 5, { autoscaling: bounds(2, 8) });
  const begins = plan(kept([old], readyOnes(v1, 5), spec, { place: cluster }), now);
  const action = asked(begins, v2);
  assert.deepEqual(action?.type === "run" && [action.replicas, action.autoscaling], [5, bounds(5, 8)]);
  const next = run(v2, 5, { autoscaling: bounds(5, 8) });
  const four = kept([old, next], [...readyOnes(v1, 5), ...readyOnes(v2, 4)], spec, { place: cluster });
  assert.deepEqual([told(plan(four, now)), shares(plan(four, now))], [[], [{ revision: v1, percent: 100 }]]);
  const five = plan(kept([old, next], [...readyOnes(v1, 5), ...readyOnes(v2, 5)], spec, { place: cluster }), now);
  assert.deepEqual(shares(five), [{ revision: v2, percent: 100 }]);
  const after = asked(five, v2);
  assert.deepEqual(after?.type === "run" && [after.replicas, after.autoscaling], [5, bounds(2, 8)]);
});

test("a share that grows under load is made ready for it from the shares that do not grow, and so comes to an end", () => {
  const traffic = [
    { revision: v1, percent: "10%" },
    { revision: v2, percent: "90%" },
  ];
  const status = { ...statusWith(v1), traffic: [v1, v2].map((revision) => ({ revision, percent: 50 })) };
  const half = (count: number, min = 1) => run(v2, count, { autoscaling: bounds(min, 8) });
  const input = (other: ObservedRun) =>
    settled(
      world({
        model: model({ scaling, traffic }, { status }),
        revisions: both,
        place: cluster,
        runs: [run(v1, 3, { autoscaling: bounds(1, 4) }), other],
        replicas: [...readyOnes(v1, 3), ...readyOnes(v2, other.replicas)],
      }),
    );
  const grows = asked(plan(input(half(3)), now), v2);
  assert.deepEqual(grows?.type === "run" && grows.autoscaling, bounds(6, 8));
  assert.deepEqual(shares(plan(input(half(6, 6)), now)), [
    { revision: v1, percent: 10 },
    { revision: v2, percent: 90 },
  ]);
});

test("why a place makes no more replicas is the Model's own condition", () => {
  const problems = [{ revision: v1, reason: "QuotaExceeded", message: "exceeded quota: pods=2." }];
  const none = plan(settled(world({ model: model({}, { status: statusWith(v1) }), revisions: both, problems })), now);
  assert.deepEqual([ready(none).status, ready(none).reason], ["False", "QuotaExceeded"]);
  assert.equal(ready(none).message, `${v1} gets no replica: exceeded quota: pods=2.`);
  const some = plan(kept([run(v1, 3)], readyOnes(v1, 2), { replicas: 3 }, { problems }), now);
  assert.deepEqual([ready(some).status, progressing(some).reason], ["True", "QuotaExceeded"]);
  assert.equal(progressing(some).message, `${v1} gets no more replicas: exceeded quota: pods=2.`);
  const other = plan(kept([run(v1, 1)], readyOnes(v1, 1), {}, { problems: [{ ...problems[0]!, revision: v2 }] }), now);
  assert.deepEqual([ready(other).status, progressing(other).reason], ["True", "Complete"]);
});

test("a replica that cannot go on while it is alive is named at once, one that only reported an error is not", () => {
  const message = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.";
  const stuck = (reason?: string) => {
    const error = { code: "unavailable" as const, message, ...(reason === undefined ? {} : { reason }) };
    return plan(kept([run(v1, 1)], [replica(v1, 0, "starting", { error })]), now);
  };
  const named = stuck("Unschedulable");
  assert.deepEqual([ready(named).reason, progressing(named).reason], ["Unschedulable", "Unschedulable"]);
  assert.equal(ready(named).message, `${v1}-0 cannot start: ${message}`);
  assert.equal(named.status?.instances?.[0]?.message, message);
  assert.equal(ready(stuck()).reason, "Starting");
});

test("what the place says of a Model is among its conditions", () => {
  const place = {
    autoscales: false,
    conditions: () => [{ type: "Sandboxed", status: "False" as const, reason: "NotAvailable", message: "No." }],
  };
  const { conditions } = plan(settled(world({ place })), now).status!;
  assert.deepEqual(conditions?.map(({ type, status }) => `${type}=${status}`).slice(-1), ["Sandboxed=False"]);
});
