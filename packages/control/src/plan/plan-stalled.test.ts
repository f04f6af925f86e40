import assert from "node:assert/strict";
import { test } from "node:test";
import { both, bundle, crashed, model, now, ready, replica, settled, statusWith, v1, v2, world } from "./fixtures/plan-world.ts";
import { plan } from "./plan.ts";

const next = model({ source: { bundle: bundle("b") } }, { status: statusWith(v1) });
const unknown = model({ traffic: [{ revision: "digits-0000000000", percent: 100 }] }, { status: statusWith(v1) });
const stalled = (input: Parameters<typeof world>[0]) => {
  const result = plan(settled(world(input)), now);
  return { found: result.status!.conditions!.find(({ type }) => type === "Stalled"), why: ready(result) };
};

test("Stalled says as Ready does what only a change of the Model can help", () => {
  for (const input of [
    { model: next, revisions: both, replicas: [replica(v1, 0), crashed(v2, 1, 0, "ModelInvalid")] },
    { model: unknown, revisions: both.slice(0, 1), replicas: [replica(v1, 0)] },
  ]) {
    const { found, why } = stalled(input);
    assert.equal(why.status, "False");
    assert.deepEqual([found?.status, found?.reason, found?.message], ["True", why.reason, why.message]);
  }
});

test("Stalled is not there while all is well, while it may get better by itself, and under deletion", () => {
  const one = { revisions: both.slice(0, 1) };
  const deletionTimestamp = "2026-01-01T00:00:00Z";
  for (const input of [
    { ...one, replicas: [replica(v1, 0)] },
    { ...one, replicas: [replica(v1, 0, "starting")] },
    { ...one, replicas: [crashed(v1, 3, 0)] },
    { ...one, problems: [{ revision: v1, reason: "Unschedulable", message: "no node has enough memory" }] },
    // The old revision is asked for again, and the one that cannot start is nobody's concern any more.
    {
      model: model({}, { status: statusWith(v1) }),
      revisions: both,
      replicas: [replica(v1, 0), crashed(v2, 1, 0, "ModelInvalid")],
    },
    { model: { ...unknown, metadata: { ...unknown.metadata, deletionTimestamp } }, ...one, replicas: [replica(v1, 0)] },
  ])
    assert.equal(stalled(input).found, undefined);
});
