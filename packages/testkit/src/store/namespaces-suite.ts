import assert from "node:assert/strict";
import { test } from "node:test";
import { collect } from "@slipway/store";
import { sampleModel, sampleNamespace, sampleSecret } from "./sample-resources.ts";
import type { StoreFactory } from "./store-suite.ts";
import { refused, withStore } from "./with-store.ts";

const manager = "tester";

/** Namespaces: what must be in one, and how one goes. */
export function namespacesSuite(factory: StoreFactory): void {
  const run = (name: string, body: Parameters<typeof withStore>[1]) =>
    test(`namespaces: ${name}`, () => withStore(factory, body));

  run("the default namespace is there from the start, and stays", async (store) => {
    const found = await store.get("Namespace", { name: "default" });
    assert.deepEqual(found?.status, { phase: "Active" });
    assert.deepEqual(found?.metadata.labels, { "kubernetes.io/metadata.name": "default" });
    const error = await refused(store.remove("Namespace", { name: "default" }), "forbidden");
    assert.equal(error.message, 'namespaces "default" is forbidden: this namespace may not be deleted');
  });

  run("an object needs a namespace, and a Namespace must have none", async (store) => {
    const missing = await refused(
      store.write(sampleModel("m", {}, { namespace: "none" }), { expect: "absent", manager }),
      "notFound",
    );
    assert.equal(missing.message, 'namespaces "none" not found');
    const { namespace: _namespace, ...metadata } = sampleModel("m").metadata;
    const nowhere = await refused(store.write({ ...sampleModel("m"), metadata }, { expect: "absent", manager }), "invalid");
    assert.deepEqual(
      nowhere.problems.map(({ path }) => path),
      ["metadata.namespace"],
    );
    const inside = { ...sampleNamespace("a"), metadata: { name: "a", namespace: "default" } };
    await refused(store.write(inside, { expect: "absent", manager }), "invalid");
  });

  run("a namespace takes its objects with it, and lets nothing new in meanwhile", async (store) => {
    await store.write(sampleNamespace("a"), { expect: "absent", manager });
    const held = sampleModel("held", {}, { namespace: "a", finalizers: ["a.b/c"] });
    await store.write(held, { expect: "absent", manager });
    await store.write(sampleSecret("s", { namespace: "a" }), { expect: "absent", manager });
    const marked = await store.remove("Namespace", { name: "a" });
    assert.equal(marked.status?.phase, "Terminating");
    const error = await refused(
      store.write(sampleModel("late", {}, { namespace: "a" }), { expect: "absent", manager }),
      "forbidden",
    );
    assert.match(
      error.message,
      /^models\.slipway\.dev "late" is forbidden: unable to create new content in namespace a because it is being/,
    );
    await collect(store);
    assert.equal(await store.get("Secret", { namespace: "a", name: "s" }), undefined);
    assert.equal((await store.get("Namespace", { name: "a" }))?.status?.phase, "Terminating");
    const waiting = await store.get("Model", { namespace: "a", name: "held" });
    const { finalizers: _finalizers, ...free } = waiting!.metadata;
    await store.write({ ...waiting!, metadata: free }, { expect: waiting!.metadata.resourceVersion!, manager });
    await collect(store);
    assert.equal(await store.get("Namespace", { name: "a" }), undefined);
    await store.write(sampleNamespace("a"), { expect: "absent", manager });
  });

  run("an empty namespace goes at once", async (store) => {
    await store.write(sampleNamespace("a"), { expect: "absent", manager });
    await store.remove("Namespace", { name: "a" });
    assert.equal(await store.get("Namespace", { name: "a" }), undefined);
  });
}
