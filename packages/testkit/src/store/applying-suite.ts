import assert from "node:assert/strict";
import { test } from "node:test";
import type { Model, Resource } from "@slipway/spec";
import type { LocalStore, WriteOptions } from "@slipway/store";
import { sampleModel, sampleSecret } from "./sample-resources.ts";
import type { StoreFactory } from "./store-suite.ts";
import { refused, withStore } from "./with-store.ts";

/** Server-side apply and field ownership, as the Kubernetes API server has them. */
export function applyingSuite(factory: StoreFactory): void {
  const run = (name: string, body: Parameters<typeof withStore>[1]) => test(`applying: ${name}`, () => withStore(factory, body));

  run("an applier owns what it sets and no default; an updater owns what it changed", async (store, clock) => {
    await apply(store, "kubectl", sampleModel("m", { replicas: 2 }, { labels: { a: "b" } }));
    await clock.advance(61_000);
    const after = await update(store, "scaler", (model) => ({ ...model, spec: { ...model.spec, replicas: 3 } }));
    assert.deepEqual(fieldsOf(after), {
      "kubectl Apply 2026-01-01T00:00:00Z": {
        "f:metadata": { "f:labels": { "f:a": {} } },
        "f:spec": { "f:source": { "f:bundle": {} } },
      },
      "scaler Update 2026-01-01T00:01:01Z": { "f:spec": { "f:replicas": {} } },
    });
  });

  run("a conflict names each field and its manager; force takes the fields over", async (store) => {
    const made = await store.write(sampleModel("m", { replicas: 2 }), { expect: "absent", manager: "kubectl" });
    const one = await refused(apply(store, "ci", sampleModel("m", { replicas: 3 })), "conflict");
    assert.equal(one.message, 'Apply failed with 1 conflict: conflict with "kubectl" using slipway.dev/v1alpha1: .spec.replicas');
    assert.deepEqual(
      one.problems.map(({ path }) => path),
      [".spec.replicas"],
    );
    const two = await refused(apply(store, "ci", sampleModel("m", { replicas: 3, scaling: { minReplicas: 2 } })), "conflict");
    assert.equal(
      two.message,
      'Apply failed with 2 conflicts: conflicts with "kubectl" using slipway.dev/v1alpha1:\n- .spec.replicas\n- .spec.scaling.minReplicas',
    );
    assert.equal(await store.get("Model", made.metadata as { name: string }), made);
    const forced = await apply(store, "ci", sampleModel("m", { replicas: 3 }), { force: true });
    assert.equal(forced.spec.replicas, 3);
    assert.deepEqual(fieldsOf(forced)["ci Apply 2026-01-01T00:00:00Z"], {
      "f:spec": { "f:replicas": {}, "f:source": { "f:bundle": {} } },
    });
    assert.equal(ownersOf(forced, "f:spec", "f:replicas").join(), "ci");
  });

  run("two appliers may own a field while they agree", async (store) => {
    await apply(store, "one", sampleModel("m", { replicas: 2 }));
    const both = await apply(store, "two", sampleModel("m", { replicas: 2 }));
    // Kubernetes puts managers in the order of their times, and "two" has changed nothing so far.
    assert.deepEqual(ownersOf(both, "f:spec", "f:replicas"), ["two", "one"]);
    const left = await apply(store, "one", sampleModel("m"));
    assert.equal(left.spec.replicas, 2);
    assert.deepEqual(ownersOf(left, "f:spec", "f:replicas"), ["two"]);
    assert.equal((await apply(store, "two", sampleModel("m"))).spec.replicas, undefined);
  });

  run("what is applied no more goes, with what was only defaulted inside it; the rest stays", async (store) => {
    await apply(
      store,
      "kubectl",
      sampleModel(
        "m",
        { parameters: { a: "1", b: "2" }, scaling: { maxReplicas: 4 } },
        { labels: { x: "1" }, finalizers: ["a.b/c"] },
      ),
    );
    await update(store, "other", (model) => ({
      ...model,
      spec: { ...model.spec, parameters: { ...model.spec.parameters, c: "3" } },
    }));
    const after = await apply(store, "kubectl", sampleModel("m", { parameters: { b: "2" } }));
    assert.deepEqual(after.spec.parameters, { b: "2", c: "3" });
    assert.deepEqual(after.spec.scaling, { minReplicas: 1 });
    assert.equal(after.metadata.labels, undefined);
    assert.equal(after.metadata.finalizers, undefined);
    assert.equal(after.metadata.generation, 3);
  });

  run("lists with keys merge by item, in the order of the configuration", async (store) => {
    const traffic = (...targets: [string, number][]) => ({
      traffic: targets.map(([revision, percent]) => ({ revision: `m-${revision}`, percent })),
    });
    await apply(store, "one", sampleModel("m", traffic(["a", 40], ["b", 60])));
    const error = await refused(apply(store, "two", sampleModel("m", traffic(["b", 50], ["c", 10]))), "conflict");
    assert.match(error.message, /: \.spec\.traffic\[revision="m-b"\]\.percent$/);
    const after = await apply(store, "two", sampleModel("m", traffic(["c", 10], ["b", 50])), { force: true });
    assert.deepEqual(
      after.spec.traffic?.map(({ revision }) => revision),
      ["m-a", "m-c", "m-b"],
    );
  });

  run("applying the same again changes nothing, not even the time", async (store, clock) => {
    const made = await apply(store, "kubectl", sampleModel("m", { replicas: 2 }));
    await clock.advance(10_000);
    assert.equal(await apply(store, "kubectl", sampleModel("m", { replicas: 2 })), made);
    const identity = {
      uid: made.metadata.uid!,
      resourceVersion: "1",
      generation: 9,
      creationTimestamp: made.metadata.creationTimestamp!,
    };
    assert.equal(await apply(store, "kubectl", sampleModel("m", { replicas: 2 }, identity)), made);
  });

  run("status is applied through its own door, by an owner of its own", async (store) => {
    const made = await apply(store, "kubectl", { ...sampleModel("m"), status: { replicas: 9 } });
    assert.equal(made.status, undefined);
    const after = await apply(
      store,
      "control",
      { ...sampleModel("m", { replicas: 8 }), status: { replicas: 1 } },
      { subresource: "status" },
    );
    assert.deepEqual([after.status, after.spec.replicas], [{ replicas: 1 }, undefined]);
    const entry = after.metadata.managedFields?.find(({ manager }) => manager === "control");
    assert.deepEqual([entry?.subresource, entry?.fieldsV1], ["status", { "f:status": { "f:replicas": {} } }]);
    const scaled = await apply(store, "scaler", sampleModel("m", { replicas: 3 }), { subresource: "scale" });
    assert.equal(scaled.spec.replicas, 3);
    const conflict = await refused(apply(store, "kubectl", sampleModel("m", { replicas: 4 })), "conflict");
    assert.equal(
      conflict.message,
      'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale": .spec.replicas',
    );
  });

  run("ownership can be edited and forgotten, and an untracked object is owned by its past", async (store) => {
    const made = await apply(store, "kubectl", sampleModel("m", { replicas: 2 }));
    const renamed = made.metadata.managedFields?.map((entry) => ({ ...entry, manager: "renamed" })) ?? [];
    const edited = await update(store, "editor", (model) => ({
      ...model,
      metadata: { ...model.metadata, managedFields: renamed },
    }));
    assert.deepEqual(
      edited.metadata.managedFields?.map(({ manager }) => manager),
      ["renamed"],
    );
    const reset = await update(store, "editor", (model) => ({
      ...model,
      metadata: { ...model.metadata, managedFields: [{}] as never },
    }));
    assert.equal(reset.metadata.managedFields, undefined);
    const conflict = await refused(apply(store, "kubectl", sampleModel("m", { replicas: 4 })), "conflict");
    assert.match(conflict.message, /conflict with "before-first-apply" using slipway\.dev\/v1alpha1: \.spec\.replicas/);
    const sent = await apply(store, "kubectl", sampleModel("m"));
    await refused(
      apply(store, "kubectl", sampleModel("m", {}, { managedFields: sent.metadata.managedFields ?? [] })),
      "badRequest",
    );
  });

  run("an applied configuration that is wrong, or names another object, changes nothing", async (store) => {
    const made = await apply(store, "kubectl", sampleModel("m"));
    const wrong = await refused(apply(store, "kubectl", sampleModel("m", { replica: 1 })), "invalid");
    assert.match(wrong.message, /spec\.replica: unknown field; did you mean "replicas"\?/);
    await refused(apply(store, "kubectl", sampleModel("m", {}, { uid: "another" })), "invalid");
    await refused(apply(store, "kubectl", sampleModel("new", {}, { uid: "another" })), "conflict");
    const nothing = await apply(store, "kubectl", sampleModel("m", { replicas: null, traffic: null }));
    assert.equal(nothing, made);
  });

  run("kinds without a spec have owners too", async (store) => {
    await store.write(sampleSecret("s"), { expect: "absent", manager: "kubectl" });
    const other = sampleSecret("s", {}, { data: { key: "b3RoZXI=" } });
    const error = await refused(apply(store, "ci", other), "conflict");
    assert.match(error.message, /conflict with "kubectl" using v1: \.data\.key$/);
  });
}

async function apply<R extends Resource>(
  store: LocalStore,
  manager: string,
  config: R,
  options: Partial<WriteOptions> = {},
): Promise<R> {
  const old = await store.get(config.kind, config.metadata);
  return (await store.write(config, {
    expect: old?.metadata.resourceVersion ?? "absent",
    manager,
    operation: "Apply",
    ...options,
  })) as R;
}

async function update(store: LocalStore, manager: string, change: (model: Model) => Model): Promise<Model> {
  const old = await store.get("Model", { namespace: "default", name: "m" });
  assert.ok(old);
  return store.write(change(old), { expect: old.metadata.resourceVersion!, manager });
}

function fieldsOf(resource: Resource): Record<string, unknown> {
  return Object.fromEntries(
    (resource.metadata.managedFields ?? []).map(({ manager, operation, time, fieldsV1 }) => [
      `${manager} ${operation} ${time}`,
      fieldsV1,
    ]),
  );
}

function ownersOf(resource: Resource, ...path: string[]): string[] {
  const has = (fields: unknown) =>
    path.reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], fields) !== undefined;
  return (resource.metadata.managedFields ?? []).filter(({ fieldsV1 }) => has(fieldsV1)).map(({ manager }) => manager);
}
