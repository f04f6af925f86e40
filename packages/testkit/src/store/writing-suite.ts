import assert from "node:assert/strict";
import { test } from "node:test";
import type { Model } from "@slipway/spec";
import { sampleModel, sampleRevision, sampleSecret } from "./sample-resources.ts";
import type { StoreFactory } from "./store-suite.ts";
import { refused, withStore } from "./with-store.ts";

const manager = "tester";

/** Writes: versions, defaults, generations, subresources, what may not change. */
export function writingSuite(factory: StoreFactory): void {
  const run = (name: string, body: Parameters<typeof withStore>[1]) => test(`writing: ${name}`, () => withStore(factory, body));

  run("a new object gets its identity, defaults and a version, and is read back frozen", async (store) => {
    const sent = sampleModel("m");
    const made = await store.write(sent, { expect: "absent", manager });
    assert.match(made.metadata.uid ?? "", /^[0-9a-f-]{36}$/);
    assert.equal(made.metadata.creationTimestamp, "2026-01-01T00:00:00Z");
    assert.equal(made.metadata.generation, 1);
    assert.equal(made.spec.scaling.minReplicas, 1);
    assert.deepEqual(await store.get("Model", { namespace: "default", name: "m" }), made);
    assert.ok(Object.isFrozen(made.spec.scaling));
    assert.equal(Object.isFrozen(sent.spec), false);
    const { items, version } = await store.list("Model");
    assert.deepEqual(items, [made]);
    assert.equal(version, made.metadata.resourceVersion);
  });

  run("creating what is there, changing what is not, and an old version are refused", async (store) => {
    const made = await store.write(sampleModel("m"), { expect: "absent", manager });
    const exists = await refused(store.write(sampleModel("m"), { expect: "absent", manager }), "alreadyExists");
    assert.equal(exists.message, 'models.slipway.dev "m" already exists');
    const missing = await refused(store.write(sampleModel("other"), { expect: "1", manager }), "notFound");
    assert.equal(missing.message, 'models.slipway.dev "other" not found');
    const changed = { ...made, metadata: { ...made.metadata, labels: { a: "b" } } };
    await store.write(changed, { expect: made.metadata.resourceVersion!, manager });
    const stale = await refused(store.write(changed, { expect: made.metadata.resourceVersion!, manager }), "conflict");
    assert.match(
      stale.message,
      /^Operation cannot be fulfilled on models\.slipway\.dev "m": the object has been modified; please apply/,
    );
  });

  run("a write that changes nothing keeps its version", async (store, clock) => {
    const made = await store.write(sampleModel("m"), { expect: "absent", manager });
    await clock.advance(5_000);
    const again = await store.write(sampleModel("m"), { expect: made.metadata.resourceVersion!, manager: "another" });
    assert.equal(again, made);
    assert.equal((await store.list("Model")).version, made.metadata.resourceVersion);
  });

  run("the generation grows with the spec only", async (store) => {
    const made = await store.write(sampleModel("m"), { expect: "absent", manager });
    const labelled = await store.write(
      { ...made, metadata: { ...made.metadata, labels: { a: "b" } } },
      { expect: made.metadata.resourceVersion!, manager },
    );
    assert.equal(labelled.metadata.generation, 1);
    const spec = { ...labelled.spec, parameters: { a: "b" } };
    const changed = await store.write({ ...labelled, spec }, { expect: labelled.metadata.resourceVersion!, manager });
    assert.equal(changed.metadata.generation, 2);
    assert.equal(changed.metadata.uid, made.metadata.uid);
  });

  run("status and spec have doors of their own", async (store) => {
    const created = await store.write({ ...sampleModel("m"), status: { replicas: 7 } }, { expect: "absent", manager });
    assert.equal(created.status, undefined);
    const next: Model = {
      ...created,
      spec: { ...created.spec, replicas: 5 },
      metadata: { ...created.metadata, labels: { a: "b" } },
      status: { replicas: 1 },
    };
    const reported = await store.write(next, { expect: created.metadata.resourceVersion!, manager, subresource: "status" });
    assert.deepEqual(reported.status, { replicas: 1 });
    assert.deepEqual(reported.spec, created.spec);
    assert.equal(reported.metadata.labels, undefined);
    assert.equal(reported.metadata.generation, 1);
    const { status: _status, ...rest } = reported;
    const respecified = await store.write(
      { ...rest, spec: { ...rest.spec, replicas: 5 } },
      { expect: reported.metadata.resourceVersion!, manager },
    );
    assert.deepEqual(respecified.status, { replicas: 1 });
    const scaled = {
      ...respecified,
      spec: { ...respecified.spec, replicas: 2, parameters: { no: "no" } },
      status: { replicas: 9 },
    };
    const after = await store.write(scaled, { expect: respecified.metadata.resourceVersion!, manager, subresource: "scale" });
    assert.deepEqual(after.spec, { ...respecified.spec, replicas: 2 });
    assert.deepEqual(after.status, { replicas: 1 });
    assert.equal(after.metadata.generation, 3);
  });

  run("a subresource of nothing, or that a kind does not have, is not found", async (store) => {
    await refused(store.write(sampleModel("m"), { expect: "1", manager, subresource: "status" }), "notFound");
    const revision = await store.write(sampleRevision("m-0000000001"), { expect: "absent", manager });
    await refused(
      store.write(revision, { expect: revision.metadata.resourceVersion!, manager, subresource: "scale" }),
      "notFound",
    );
  });

  run("every problem of an object is named, and nothing is changed", async (store) => {
    const before = (await store.list("Model")).version;
    const wrong = sampleModel("m", { scaling: { minReplicas: 0 }, replicas: "three" });
    const error = await refused(store.write(wrong, { expect: "absent", manager }), "invalid");
    assert.deepEqual(error.problems.map(({ path }) => path).sort(), ["spec.replicas", "spec.scaling.minReplicas"]);
    assert.match(error.message, /^Model\.slipway\.dev "m" is invalid: \[/);
    assert.deepEqual(await store.list("Model"), { items: [], version: before });
  });

  run("a Revision's spec, an immutable Secret and an identity cannot be changed", async (store) => {
    const revision = await store.write(sampleRevision("m-0000000001"), { expect: "absent", manager });
    const renumbered = { ...revision, spec: { ...revision.spec, number: 2 } };
    const error = await refused(store.write(renumbered, { expect: revision.metadata.resourceVersion!, manager }), "invalid");
    assert.deepEqual(error.problems, [{ path: "spec.number", message: "field is immutable", reason: "FieldValueInvalid" }]);
    const secret = await store.write(sampleSecret("s", {}, { immutable: true }), { expect: "absent", manager });
    const other = { ...secret, data: { key: "b3RoZXI=" } };
    await refused(store.write(other, { expect: secret.metadata.resourceVersion!, manager }), "invalid");
    const twin = { ...secret, metadata: { ...secret.metadata, uid: "another" } };
    const uid = await refused(store.write(twin, { expect: secret.metadata.resourceVersion!, manager }), "conflict");
    assert.match(uid.message, /Precondition failed: UID in precondition: another/);
    const older = { ...secret, metadata: { ...secret.metadata, creationTimestamp: "2020-01-01T00:00:00Z" } };
    assert.equal(await store.write(older, { expect: secret.metadata.resourceVersion!, manager }), secret);
  });

  run("a dry run does everything but commit", async (store) => {
    const before = (await store.list("Model")).version;
    const tried = await store.write(sampleModel("m"), { expect: "absent", manager, dryRun: true });
    assert.equal(tried.spec.scaling.minReplicas, 1);
    await refused(store.write(sampleModel("m", { no: 1 }), { expect: "absent", manager, dryRun: true }), "invalid");
    assert.deepEqual(await store.list("Model"), { items: [], version: before });
  });

  run("an object that is too large is refused", async (store) => {
    const targets = Array.from({ length: 100 }, (_, index) => ({ type: `Type${index}`, message: "x".repeat(20_000) }));
    const conditions = targets.map((each) => ({
      ...each,
      status: "True" as const,
      reason: "Large",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    }));
    const made = await store.write(sampleModel("m"), { expect: "absent", manager });
    const large = { ...made, status: { conditions } };
    await refused(store.write(large, { expect: made.metadata.resourceVersion!, manager, subresource: "status" }), "tooLarge");
    assert.equal(await store.get("Model", { namespace: "default", name: "m" }), made);
  });

  run("lists are sorted, and keep to a namespace", async (store) => {
    for (const name of ["a", "a-b", "b"])
      await store.write({ apiVersion: "v1", kind: "Namespace", metadata: { name } }, { expect: "absent", manager });
    const wanted = ["a/x", "a-b/x", "a-b/y", "b/x"];
    for (const each of [...wanted].reverse()) {
      const [namespace = "", name = ""] = each.split("/");
      await store.write(sampleModel(name, {}, { namespace }), { expect: "absent", manager });
    }
    const names = (items: Model[]) => items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    assert.deepEqual(names((await store.list("Model")).items), [...wanted].sort());
    assert.deepEqual(names((await store.list("Model", { namespace: "a" })).items), ["a/x"]);
    assert.deepEqual(names((await store.list("Model", { namespace: "a-b" })).items), ["a-b/x", "a-b/y"]);
    assert.deepEqual(names((await store.list("Model", { namespace: "none" })).items), []);
  });
}
