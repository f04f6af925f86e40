import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { sampleModel } from "@slipway/testkit";
import { openMemoryStore } from "./open-store.ts";

test("what a place cannot give is refused by every door, and nothing is written", async () => {
  const store = openMemoryStore({
    clock: new VirtualClock(),
    refuses: (resource) =>
      resource.kind === "Model" && (resource.spec.replicas ?? 0) > 1
        ? [{ path: "spec.replicas", message: "not here", reason: "FieldValueForbidden" }]
        : [],
  });
  const refused = { code: "invalid", message: 'Model.slipway.dev "m" is invalid: spec.replicas: not here' };
  const create = (replicas: number, dryRun = false) =>
    store.write(sampleModel("m", { replicas }), { expect: "absent", manager: "cli", dryRun });
  await assert.rejects(create(2), refused);
  await assert.rejects(create(2, true), refused);
  assert.equal((await store.list("Model")).items.length, 0);
  const { resourceVersion: expect = "" } = (await create(1)).metadata;
  const more = sampleModel("m", { replicas: 2 });
  await assert.rejects(store.write(more, { expect, manager: "cli" }), refused);
  await assert.rejects(store.write(more, { expect, manager: "cli", subresource: "scale" }), refused);
  await assert.rejects(store.write(more, { expect, manager: "cli", operation: "Apply", force: true }), refused);
});
