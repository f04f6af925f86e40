import assert from "node:assert/strict";
import { test } from "node:test";
import { revisionRun } from "../revision-run.ts";
import { both, bundle, model, now, ready, replica, settled, statusWith, v1, v2, world } from "./fixtures/plan-world.ts";
import { plan } from "./plan.ts";

const refusal = { reason: "NotTrusted", message: "It is not signed." };
const place = { autoscales: false, conditions: () => [], refuses: () => refusal };
const next = { source: { bundle: bundle("b") } };

test("a refused Model gets no revision, no replica and no route, and says why", () => {
  const result = plan(settled(world({ place })), now);
  assert.equal(result.createRevision, undefined);
  assert.deepEqual(result.actions, []);
  assert.deepEqual(result.route?.revisions, []);
  assert.equal(result.status!.latestRevision, undefined);
  const { status, reason, message } = ready(result);
  assert.deepEqual([status, reason, message], ["False", "NotTrusted", "No new revision is made: It is not signed."]);
  const types = result.status!.conditions!.filter(({ reason }) => reason === "NotTrusted").map(({ type }) => type);
  assert.deepEqual(types, ["Ready", "Progressing", "Stalled"]);
});

test("what runs goes on when the next revision is refused, and a rollback's pin stays", () => {
  const traffic = [{ revision: v1, percent: 100 as const }];
  for (const spec of [next, { ...next, traffic }]) {
    const input = {
      model: model(spec, { status: statusWith(v1) }),
      revisions: both.slice(0, 1),
      replicas: [replica(v1, 0)],
      place,
    };
    const result = plan(settled(world(input)), now);
    assert.equal(result.createRevision, undefined);
    assert.deepEqual(result.actions, []);
    assert.equal(result.modelEdits.clearTraffic, false);
    assert.deepEqual(result.status!.traffic, traffic);
    assert.equal(result.status!.latestRevision, v1);
    assert.match(ready(result).message, new RegExp(`It is not signed; ${v1} keeps answering\\.$`));
  }
});

test("a revision that is there is not asked about again: it is judged when it is loaded", () => {
  const input = { model: model(next, { status: statusWith(v2) }), revisions: both, replicas: [replica(v2, 0)], place };
  assert.equal(ready(plan(settled(world(input)), now)).status, "True");
});

test("replicas get the signatures of the Model for its own bundle, and those that their revision was made with", () => {
  const signed = model({ source: { bundle: bundle("a"), signatures: ["one"] } });
  const made = plan(world({ model: signed }), now).createRevision!;
  assert.equal(made.metadata.name, v1, "signing makes no new revision");
  assert.deepEqual(revisionRun(signed, made).signatures, ["one"]);
  const later = model({ source: { bundle: bundle("a"), signatures: ["two"] } });
  assert.deepEqual(revisionRun(later, made).signatures, ["two", "one"]);
  assert.deepEqual(revisionRun(model({ source: { bundle: bundle("b"), signatures: ["other"] } }), made).signatures, ["one"]);
  const contracted = model({ source: { bundle: bundle("a"), contract: "needs" } });
  const withContract = plan(world({ model: contracted }), now).createRevision!;
  assert.equal(withContract.metadata.name, v1, "neither does a contract");
  assert.equal(revisionRun(model(), withContract).contract, "needs");
  const newer = model({ source: { bundle: bundle("a"), contract: "needs more" } });
  assert.equal(revisionRun(newer, withContract).contract, "needs more", "a later measurement counts");
  const meddled = { ...made, metadata: { ...made.metadata, annotations: { "slipway.dev/signatures": "{" } } };
  assert.equal(revisionRun(model(), meddled).signatures, undefined);
});
