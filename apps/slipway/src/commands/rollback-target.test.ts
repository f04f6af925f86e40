import assert from "node:assert/strict";
import { test } from "node:test";
import type { Model, Revision } from "@slipway/spec";
import { rollbackTarget, rollbackTraffic } from "./rollback-target.ts";

function revision(number: number, state: "Active" | "Retired" | "Failed" = "Retired"): Revision {
  return { metadata: { name: `m-${number}` }, spec: { model: "m", number }, status: { state } } as Revision;
}

interface ModelParts {
  readonly latest?: string;
  readonly traffic?: { revision: string; percent: number | string }[];
  readonly owners?: string[];
}

function model({ latest, traffic, owners = [] }: ModelParts): Model {
  const managedFields = owners.map((manager) => ({ manager, fieldsV1: { "f:spec": { "f:traffic": {} } } }));
  return { metadata: { name: "m", managedFields }, spec: { traffic }, status: { latestRevision: latest } } as unknown as Model;
}

test("a rollback goes to the newest revision before the current one that did not fail", () => {
  const goes = (parts: ModelParts, ...revisions: Revision[]) =>
    rollbackTarget(model(parts), revisions, undefined).target.metadata.name;
  assert.equal(goes({ latest: "m-2" }, revision(1), revision(2)), "m-1");
  assert.equal(goes({ latest: "m-3" }, revision(3), revision(1), revision(2, "Failed")), "m-1");
  // The latest failed: the one before it still answers, and is pinned.
  assert.equal(goes({ latest: "m-3" }, revision(1), revision(2), revision(3, "Failed")), "m-2");
  // A second rollback goes one further back.
  assert.equal(
    goes({ latest: "m-3", traffic: [{ revision: "m-2", percent: 100 }] }, revision(1), revision(2), revision(3)),
    "m-1",
  );
  assert.equal(
    goes(
      {
        latest: "m-3",
        traffic: [
          { revision: "m-3", percent: "10%" },
          { revision: "m-1", percent: 90 },
        ],
      },
      revision(1),
      revision(2),
      revision(3),
    ),
    "m-2",
  );
  // An old template was applied again: it is the first revision, and what served before has a higher number.
  assert.equal(goes({ latest: "m-1" }, revision(1), revision(2)), "m-2");
});

test("without a revision to go back to, the error says why", () => {
  assert.throws(() => rollbackTarget(model({ latest: "m-1" }), [revision(1)], undefined), {
    code: "notFound",
    message: /m-1 is the only one/,
  });
  assert.throws(() => rollbackTarget(model({}), [], undefined), { code: "notFound", message: /no revision yet/ });
  assert.throws(() => rollbackTarget(model({ latest: "m-2" }), [revision(1, "Failed"), revision(2)], undefined), {
    code: "notFound",
  });
});

test("a revision may be named or numbered", () => {
  const revisions = [revision(1), revision(2, "Failed"), revision(3)];
  assert.equal(rollbackTarget(model({ latest: "m-3" }), revisions, "m-1").target.metadata.name, "m-1");
  assert.equal(rollbackTarget(model({ latest: "m-3" }), revisions, "1").target.metadata.name, "m-1");
  assert.throws(() => rollbackTarget(model({}), revisions, "m-9"), { code: "notFound", hint: "It has m-3, m-2, m-1." });
  assert.throws(() => rollbackTarget(model({}), revisions, "m-2"), { code: "invalid" });
});

test("the pin is one entry; the latest revision needs none; entries of others are set to nothing", () => {
  assert.deepEqual(rollbackTraffic(model({ latest: "m-2" }), "m-1"), { traffic: [{ revision: "m-1", percent: 100 }] });
  const pinned = { latest: "m-2", traffic: [{ revision: "m-1", percent: 100 }], owners: ["slipway-rollback"] };
  assert.deepEqual(rollbackTraffic(model(pinned), "m-2"), {});
  const canary = {
    latest: "m-2",
    traffic: [
      { revision: "m-1", percent: 90 },
      { revision: "m-2", percent: 10 },
    ],
    owners: ["slipway-cli"],
  };
  assert.deepEqual(rollbackTraffic(model(canary), "m-1"), {
    traffic: [
      { revision: "m-1", percent: 100 },
      { revision: "m-2", percent: 0 },
    ],
  });
});
