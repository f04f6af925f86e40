import assert from "node:assert/strict";
import { test } from "node:test";
import type { Model, Revision } from "@slipway/spec";
import type { PlanInput } from "../plan/plan-input.ts";
import { SettledWorlds } from "./settled-worlds.ts";

const published = { namespace: "default", name: "digits", revisions: [] };
const object = (resourceVersion: string, uid = "uid-1") => ({ metadata: { name: "digits", uid, resourceVersion } });

function world(over: Partial<PlanInput> = {}): PlanInput {
  return {
    key: { namespace: "default", name: "digits" },
    model: object("7") as Model,
    revisions: [object("3") as Revision],
    replicas: [{ name: "digits-1-0", owner: "uid-1", revision: "digits-1", state: "ready", startedAt: 0, restarts: 0 }],
    problems: [],
    place: { autoscales: false, conditions: () => [] },
    routing: { published, generation: 2, acknowledged: 2 },
    gateway: "",
    ...over,
  };
}

test("the same world again is settled, also at a later generation of everybody's table", () => {
  const settled = new SettledWorlds();
  assert.equal(settled.has(world()), false);
  settled.remember(world());
  assert.equal(settled.has(world()), true);
  assert.equal(settled.has(world({ routing: { published, generation: 2, acknowledged: 9 } })), true);
  settled.forget(world().key);
  assert.equal(settled.has(world()), false);
});

const [replica] = world().replicas;
const others: [what: string, over: Partial<PlanInput>][] = [
  ["the Model was written", { model: object("8") as Model }],
  ["the Model is another object", { model: object("7", "uid-2") as Model }],
  ["the Model is gone", { model: undefined }],
  ["a revision was written", { revisions: [object("4") as Revision] }],
  ["a revision is gone", { revisions: [] }],
  ["a replica crashed", { replicas: [{ ...replica!, state: "exited" }] }],
  ["a replica is there that was not", { replicas: [replica!, { ...replica!, name: "digits-1-1" }] }],
  ["the place has a problem", { problems: [{ revision: "digits-1", reason: "QuotaExceeded", message: "No room." }] }],
  ["the place keeps another number", { runs: [{ revision: "digits-1", replicas: 2, generation: 1 }] }],
  ["another route is published", { routing: { published: { ...published }, generation: 2, acknowledged: 2 } }],
  ["a gateway came without the route", { routing: { published, generation: 2, acknowledged: 1 } }],
];
for (const [what, over] of others) {
  test(`it is another world when ${what}`, () => {
    const settled = new SettledWorlds();
    settled.remember(world());
    assert.equal(settled.has(world(over)), false);
  });
}

test("a world whose route is not in force yet is never settled", () => {
  const settled = new SettledWorlds();
  const waiting = world({ routing: { published, generation: 3, acknowledged: 2 } });
  settled.remember(waiting);
  assert.equal(settled.has(waiting), false);
});
