import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, type LocalStore } from "@slipway/store";
import { ownerOf, sampleModel, sampleRevision, sampleSecret } from "./sample-resources.ts";
import type { StoreFactory } from "./store-suite.ts";
import { withStore } from "./with-store.ts";

const manager = "tester";
const key = { namespace: "default", name: "m" };

/** Garbage collection: what becomes of objects whose owner goes. */
export function collectingSuite(factory: StoreFactory): void {
  const run = (name: string, body: Parameters<typeof withStore>[1]) =>
    test(`collecting: ${name}`, () => withStore(factory, body));

  run("in the background, dependents go after their owner, and theirs after them", async (store) => {
    await family(store);
    assert.equal(await collect(store), 0);
    await store.remove("Model", key);
    assert.deepEqual(await names(store), ["m-0000000001", "s"]);
    await collect(store);
    // A store may answer a removal without the version it made; then a pass of removals looks as if nothing had come of it, and is the last.
    await collect(store);
    assert.deepEqual(await names(store), []);
  });

  run("in the foreground, the owner waits for its dependents", async (store) => {
    await family(store);
    const held = await store.get("Secret", { namespace: "default", name: "s" });
    await store.write(
      { ...held!, metadata: { ...held!.metadata, finalizers: ["a.b/c"] } },
      { expect: held!.metadata.resourceVersion!, manager },
    );
    const marked = await store.remove("Model", key, { propagation: "Foreground" });
    assert.deepEqual(marked.metadata.finalizers, ["foregroundDeletion"]);
    await collect(store);
    assert.deepEqual(await names(store), ["m", "m-0000000001", "s"]);
    const waiting = await store.get("Secret", { namespace: "default", name: "s" });
    const { finalizers: _finalizers, ...free } = waiting!.metadata;
    await store.write({ ...waiting!, metadata: free }, { expect: waiting!.metadata.resourceVersion!, manager });
    await collect(store);
    assert.deepEqual(await names(store), []);
  });

  run("orphans stay, without their owner", async (store) => {
    await family(store);
    await store.remove("Model", key, { propagation: "Orphan" });
    await collect(store);
    assert.deepEqual(await names(store), ["m-0000000001", "s"]);
    assert.equal(
      (await store.get("Revision", { namespace: "default", name: "m-0000000001" }))?.metadata.ownerReferences,
      undefined,
    );
  });

  run("an object with another owner stays and forgets the one that went", async (store) => {
    const first = await store.write(sampleModel("m"), { expect: "absent", manager });
    const second = await store.write(sampleModel("n"), { expect: "absent", manager });
    await store.write(sampleSecret("s", { ownerReferences: [ownerOf(first), ownerOf(second)] }), { expect: "absent", manager });
    await store.remove("Model", key);
    await collect(store);
    const left = await store.get("Secret", { namespace: "default", name: "s" });
    assert.deepEqual(left?.metadata.ownerReferences, [ownerOf(second)]);
  });

  run("an owner of the same name but another identity is not the owner; one of a foreign kind is left alone", async (store) => {
    const model = await store.write(sampleModel("m"), { expect: "absent", manager });
    const stranger = { ...ownerOf(model), uid: "another" };
    const foreign = { ...ownerOf(model), apiVersion: "apps/v1", kind: "Deployment", uid: "foreign" };
    await store.write(sampleSecret("lost", { ownerReferences: [stranger] }), { expect: "absent", manager });
    await store.write(sampleSecret("kept", { ownerReferences: [foreign] }), { expect: "absent", manager });
    await collect(store);
    assert.deepEqual(
      (await store.list("Secret")).items.map(({ metadata }) => metadata.name),
      ["kept"],
    );
  });
}

/** A Model that owns a Revision that owns a Secret. */
async function family(store: LocalStore): Promise<void> {
  const model = await store.write(sampleModel("m"), { expect: "absent", manager });
  const revision = await store.write(sampleRevision("m-0000000001", { ownerReferences: [ownerOf(model)] }), {
    expect: "absent",
    manager,
  });
  await store.write(sampleSecret("s", { ownerReferences: [ownerOf(revision)] }), { expect: "absent", manager });
}

async function names(store: LocalStore): Promise<string[]> {
  const lists = await Promise.all([store.list("Model"), store.list("Revision"), store.list("Secret")]);
  return lists.flatMap(({ items }) => items.map(({ metadata }) => metadata.name));
}
