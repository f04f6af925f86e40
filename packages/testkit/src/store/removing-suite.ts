import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleEvent, sampleModel } from "./sample-resources.ts";
import type { StoreFactory } from "./store-suite.ts";
import { refused, withStore } from "./with-store.ts";

const manager = "tester";
const key = { namespace: "default", name: "m" };

/** Removal: preconditions, finalizers, and Events that grow old. */
export function removingSuite(factory: StoreFactory): void {
  const run = (name: string, body: Parameters<typeof withStore>[1]) => test(`removing: ${name}`, () => withStore(factory, body));

  run("an object without finalizers goes at once, at a version of its own", async (store) => {
    const made = await store.write(sampleModel("m"), { expect: "absent", manager });
    const gone = await store.remove("Model", key);
    assert.equal(gone.metadata.uid, made.metadata.uid);
    assert.ok(Number(gone.metadata.resourceVersion) > Number(made.metadata.resourceVersion));
    assert.equal(await store.get("Model", key), undefined);
    assert.equal((await store.list("Model")).version, gone.metadata.resourceVersion);
    const error = await refused(store.remove("Model", key), "notFound");
    assert.equal(error.message, 'models.slipway.dev "m" not found');
  });

  run("preconditions and a dry run are kept to", async (store) => {
    const made = await store.write(sampleModel("m"), { expect: "absent", manager });
    await refused(store.remove("Model", key, { expect: "1" }), "conflict");
    await refused(store.remove("Model", key, { uid: "another" }), "conflict");
    await store.remove("Model", key, { dryRun: true, expect: made.metadata.resourceVersion! });
    assert.equal(await store.get("Model", key), made);
    await store.remove("Model", key, { uid: made.metadata.uid!, expect: made.metadata.resourceVersion! });
    const second = await store.write(sampleModel("m"), { expect: "absent", manager });
    assert.notEqual(second.metadata.uid, made.metadata.uid);
  });

  run("an object with finalizers is marked, and goes with the last of them", async (store, clock) => {
    await store.write(sampleModel("m", {}, { finalizers: ["a.b/one", "a.b/two"] }), { expect: "absent", manager });
    const marked = await store.remove("Model", key);
    assert.equal(marked.metadata.deletionTimestamp, "2026-01-01T00:00:00Z");
    assert.equal(marked.metadata.generation, 2);
    await clock.advance(5_000);
    assert.equal(await store.remove("Model", key), marked);
    const version = marked.metadata.resourceVersion!;
    const third = { ...marked, metadata: { ...marked.metadata, finalizers: [...marked.metadata.finalizers!, "a.b/three"] } };
    const error = await refused(store.write(third, { expect: version, manager }), "invalid");
    assert.deepEqual(
      error.problems.map(({ path, reason }) => [path, reason]),
      [["metadata.finalizers", "FieldValueForbidden"]],
    );
    const { deletionTimestamp: _marked, ...alive } = marked.metadata;
    const one = await store.write({ ...marked, metadata: { ...alive, finalizers: ["a.b/two"] } }, { expect: version, manager });
    assert.equal(one.metadata.deletionTimestamp, marked.metadata.deletionTimestamp);
    const { finalizers: _finalizers, ...free } = one.metadata;
    const last = await store.write({ ...one, metadata: free }, { expect: one.metadata.resourceVersion!, manager });
    assert.equal(await store.get("Model", key), undefined);
    // As in Kubernetes: the deletion has a version of its own, and the answer to what led to it has the one before.
    assert.equal(last.metadata.resourceVersion, one.metadata.resourceVersion);
    assert.notEqual((await store.list("Model")).version, last.metadata.resourceVersion);
  });

  run("only a removal sets the time of deletion", async (store) => {
    const deletionTimestamp = "2026-01-01T00:00:00Z";
    const made = await store.write(sampleModel("m", {}, { deletionTimestamp }), { expect: "absent", manager });
    assert.equal(made.metadata.deletionTimestamp, undefined);
    const marked = { ...made, metadata: { ...made.metadata, deletionTimestamp } };
    await refused(store.write(marked, { expect: made.metadata.resourceVersion!, manager }), "invalid");
  });

  run("Events go an hour after they last happened", async (store, clock) => {
    await store.write(sampleEvent("old", "2026-01-01T00:00:00Z"), { expect: "absent", manager });
    await store.write(sampleEvent("new", "2026-01-01T00:30:00Z"), { expect: "absent", manager });
    assert.equal(await store.sweep(clock.now() + 3_600_000), 0);
    assert.equal(await store.sweep(clock.now() + 3_600_001), 1);
    assert.deepEqual(
      (await store.list("Event")).items.map(({ metadata }) => metadata.name),
      ["new"],
    );
  });
}
