import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";
import type { JsonObject } from "../body/json-object.ts";
import { type Answer, bundle, model, models, type RunningApi, startApi, storedModel } from "../testing/running-api.ts";

const merge = { "content-type": "application/merge-patch+json" };
const json = { "content-type": "application/json-patch+json" };
const apply = { "content-type": "application/apply-patch+yaml" };

const spec = (answer: Answer) => answer.body.spec as JsonObject & { scaling: JsonObject };
const meta = (answer: Answer) =>
  answer.body.metadata as JsonObject & { resourceVersion: string; generation: number; labels?: JsonObject };
const refusal = (answer: Answer) => [answer.status, answer.body.reason, answer.body.message];

describe("resource routes", () => {
  let api: RunningApi | undefined;
  const started = () => {
    assert.ok(api);
    return api;
  };
  beforeEach(async () => {
    await api?.close();
    api = await startApi();
  });
  after(() => api?.close());

  test("create, get and delete an object", async () => {
    const { request } = started();
    const created = await request("POST", models, model("digits"));
    assert.equal(created.status, 201);
    assert.equal(spec(created).scaling.minReplicas, 1, "defaults are filled in");
    assert.deepEqual((await request("GET", `${models}/digits`)).body, created.body);
    const deleted = await request("DELETE", `${models}/digits`);
    assert.deepEqual([deleted.status, deleted.body.status], [200, "Success"]);
    assert.deepEqual(deleted.body.details, { name: "digits", group: "slipway.dev", kind: "models", uid: meta(created).uid });
    const missing = await request("GET", `${models}/digits`);
    assert.deepEqual(refusal(missing), [404, "NotFound", 'models.slipway.dev "digits" not found']);
    assert.deepEqual(missing.body.details, { name: "digits", group: "slipway.dev", kind: "models" });
  });

  test("create refuses what is there already, has a version, or has no namespace to be in", async () => {
    const { request } = started();
    await request("POST", models, model("digits"));
    assert.deepEqual(refusal(await request("POST", models, model("digits"))), [
      409,
      "AlreadyExists",
      'models.slipway.dev "digits" already exists',
    ]);
    assert.equal((await request("POST", models, model("b", { metadata: { resourceVersion: "1" } }))).status, 400);
    const homeless = await request("POST", models.replace("default", "nowhere"), model("digits"));
    assert.deepEqual(refusal(homeless), [404, "NotFound", 'namespaces "nowhere" not found']);
    assert.deepEqual(homeless.body.details, { name: "nowhere", kind: "namespaces" });
  });

  test("create refuses another version, kind or namespace than the path's", async () => {
    const { request } = started();
    for (const wrong of [
      { apiVersion: "slipway.dev/v2" },
      { kind: "Pod" },
      { kind: undefined },
      { metadata: { name: "a", namespace: "other" } },
    ]) {
      assert.equal((await request("POST", models, { ...model("a"), ...wrong })).status, 400, JSON.stringify(wrong));
    }
  });

  test("create makes up a name from generateName, and needs one of both", async () => {
    const { request } = started();
    const generated = await request("POST", models, model("", { metadata: { name: "", generateName: "digits-" } }));
    assert.equal(generated.status, 201);
    assert.match(String(meta(generated).name), /^digits-[a-z0-9]{5}$/);
    const nameless = await request("POST", models, model(""));
    assert.deepEqual(refusal(nameless), [
      422,
      "Invalid",
      'Model.slipway.dev "" is invalid: metadata.name: Required value: name or generateName is required',
    ]);
  });

  test("invalid objects are refused with every problem, as causes", async () => {
    const { request } = started();
    const answer = await request("POST", models, model("digits", { spec: { scalign: {}, scaling: { minReplicas: 0 } } }));
    assert.equal(answer.status, 422);
    const details = answer.body.details as { kind: string; causes: { field: string; reason: string }[] };
    assert.equal(details.kind, "Model");
    assert.deepEqual(details.causes.map(({ field, reason }) => [field, reason]).sort(), [
      ["spec.scalign", "FieldUnknown"],
      ["spec.scaling.minReplicas", "FieldValueInvalid"],
    ]);
    assert.match(String(answer.body.message), /^Model\.slipway\.dev "digits" is invalid: \[/);
  });

  test("unknown and duplicate fields are refused whatever fieldValidation says", async () => {
    const { request } = started();
    for (const mode of ["Ignore", "Warn", "Strict"]) {
      assert.equal((await request("POST", `${models}?fieldValidation=${mode}`, model("a", { spec: { nope: 1 } }))).status, 422);
      const twice = await request("POST", `${models}?fieldValidation=${mode}`, '{"kind":"Model","kind":"Model"}');
      assert.deepEqual(refusal(twice), [400, "BadRequest", 'strict decoding error: duplicate field "kind"']);
    }
    assert.equal((await request("POST", `${models}?fieldValidation=Loose`, model("a"))).status, 422);
  });

  test("dry run does everything but keep it", async () => {
    const { request, store } = started();
    const created = await request("POST", `${models}?dryRun=All`, model("digits"));
    assert.equal(created.status, 201);
    assert.equal((await request("GET", `${models}/digits`)).status, 404);
    await storedModel(store, "kept");
    assert.equal((await request("DELETE", `${models}/kept?dryRun=All`)).status, 200);
    assert.equal((await request("DELETE", `${models}/kept`, { dryRun: ["All"] })).status, 200);
    assert.equal((await request("PATCH", `${models}/kept?dryRun=All`, { metadata: { labels: { a: "b" } } }, merge)).status, 200);
    assert.equal(meta(await request("GET", `${models}/kept`)).labels, undefined);
    assert.equal((await request("POST", `${models}?dryRun=Some`, model("digits"))).status, 422);
  });

  test("update refuses to lose a change, and to be without a version", async () => {
    const { request, store } = started();
    const before = await storedModel(store, "digits");
    const put = (metadata: JsonObject, max: number) =>
      request("PUT", `${models}/digits`, model("digits", { metadata, spec: { scaling: { maxReplicas: max } } }));
    assert.equal((await put({ resourceVersion: before.metadata.resourceVersion }, 2)).status, 200);
    const stale = await put({ resourceVersion: before.metadata.resourceVersion }, 3);
    assert.deepEqual([stale.status, stale.body.reason], [409, "Conflict"]);
    assert.match(
      String(stale.body.message),
      /^Operation cannot be fulfilled on models\.slipway\.dev "digits": the object has been modified/,
    );
    assert.equal((await put({}, 4)).status, 422);
    const { resourceVersion } = meta(await request("GET", `${models}/digits`));
    assert.equal((await put({ uid: "another", resourceVersion }, 5)).status, 409);
    assert.equal((await request("PUT", `${models}/nope`, model("nope"))).status, 404);
    assert.equal((await request("PUT", `${models}/digits`, model("other"))).status, 400);
  });

  test("the fields written belong to fieldManager, or to the user agent's name", async () => {
    const { request } = started();
    const managers = (answer: Answer) =>
      (meta(answer).managedFields as { manager: string; operation: string }[]).map(
        ({ manager, operation }) => `${manager} ${operation}`,
      );
    const created = await request("POST", models, model("digits"), { "user-agent": "tool/1.2 (linux)" });
    assert.deepEqual(managers(created), ["tool Update"]);
    const patched = await request("PATCH", `${models}/digits?fieldManager=me`, { metadata: { labels: { a: "b" } } }, merge);
    assert.deepEqual(managers(patched).sort(), ["me Update", "tool Update"]);
    assert.equal((await request("PATCH", `${models}/digits?fieldManager=${"x".repeat(129)}`, {}, merge)).status, 422);
  });

  test("patches: merge, JSON, and the 415 for strategic merge of our own kinds", async () => {
    const { request, store } = started();
    await storedModel(store, "digits", { spec: { scaling: { maxReplicas: 5 } } });
    assert.equal(
      spec(await request("PATCH", `${models}/digits`, { spec: { scaling: { maxReplicas: 6 } } }, merge)).scaling.maxReplicas,
      6,
    );
    assert.equal(
      spec(await request("PATCH", `${models}/digits`, [{ op: "replace", path: "/spec/scaling/maxReplicas", value: 7 }], json))
        .scaling.maxReplicas,
      7,
    );
    const failed = await request(
      "PATCH",
      `${models}/digits`,
      [{ op: "test", path: "/spec/scaling/maxReplicas", value: 1 }],
      json,
    );
    assert.deepEqual([failed.status, failed.body.reason], [422, "Invalid"]);
    const strategic = await request(
      "PATCH",
      `${models}/digits`,
      {},
      { "content-type": "application/strategic-merge-patch+json" },
    );
    assert.deepEqual([strategic.status, strategic.body.reason], [415, "UnsupportedMediaType"]);
    assert.equal((await request("PATCH", `${models}/digits?force=true`, {}, merge)).status, 422);
    assert.equal((await request("PATCH", `${models}/nope`, {}, merge)).status, 404);
    const namespace = await request(
      "PATCH",
      "/api/v1/namespaces/default",
      { metadata: { labels: { a: "b" } } },
      { "content-type": "application/strategic-merge-patch+json" },
    );
    assert.equal(meta(namespace).labels?.a, "b");
  });

  test("a patch with a version is refused when it is stale; without one it is repeated until it wins", async () => {
    const { request, store } = started();
    const { metadata } = await storedModel(store, "digits");
    const labels = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        request("PATCH", `${models}/digits`, { metadata: { labels: { [`l${n}`]: "x" } } }, merge),
      ),
    );
    assert.deepEqual(
      labels.map(({ status }) => status),
      Array(8).fill(200),
    );
    assert.equal(Object.keys(meta(await request("GET", `${models}/digits`)).labels ?? {}).length, 8);
    const stale = await request(
      "PATCH",
      `${models}/digits`,
      { metadata: { resourceVersion: metadata.resourceVersion, labels: {} } },
      merge,
    );
    assert.deepEqual([stale.status, stale.body.reason], [409, "Conflict"]);
  });

  test("server-side apply creates, merges, and names the manager in the way", async () => {
    const { request } = started();
    const applyAs = (manager: string, maxReplicas: number, more = "") =>
      request(
        "PATCH",
        `${models}/digits?fieldManager=${manager}${more}`,
        `apiVersion: slipway.dev/v1alpha1\nkind: Model\nspec: { source: { bundle: "${bundle}" }, scaling: { maxReplicas: ${maxReplicas} } }\n`,
        apply,
      );
    assert.equal((await applyAs("one", 5)).status, 201);
    const again = await applyAs("one", 5);
    assert.equal(again.status, 200);
    const conflict = await applyAs("two", 6);
    assert.deepEqual([conflict.status, conflict.body.reason], [409, "Conflict"]);
    assert.match(
      String(conflict.body.message),
      /Apply failed with 1 conflict: conflict with "one": \.spec\.scaling\.maxReplicas/,
    );
    const { causes } = conflict.body.details as { causes: { reason: string; field: string }[] };
    assert.deepEqual(
      causes.map(({ reason, field }) => [reason, field]),
      [["FieldManagerConflict", ".spec.scaling.maxReplicas"]],
    );
    assert.equal(spec(await applyAs("two", 6, "&force=true")).scaling.maxReplicas, 6);
    assert.equal((await request("PATCH", `${models}/digits`, model("digits"), apply)).status, 422, "fieldManager is required");
    assert.equal((await applyAs("two", 6, "&force=maybe")).status, 422);
    const stale = await request(
      "PATCH",
      `${models}/digits?fieldManager=two`,
      model("digits", { metadata: { resourceVersion: "1" } }),
      apply,
    );
    assert.equal(stale.status, 409);
  });

  test("the status subresource changes status only, the object everything else", async () => {
    const { request, store } = started();
    await storedModel(store, "digits");
    const patched = await request("PATCH", `${models}/digits/status`, { status: { replicas: 2 }, spec: { replicas: 9 } }, merge);
    assert.deepEqual([patched.body.status, spec(patched).replicas], [{ replicas: 2 }, undefined]);
    const seen = (answer: Answer) => model("digits", { metadata: { resourceVersion: meta(answer).resourceVersion } });
    const updated = await request("PUT", `${models}/digits`, { ...seen(patched), status: { replicas: 7 } });
    assert.deepEqual(updated.body.status, { replicas: 2 });
    const put = await request("PUT", `${models}/digits/status`, { ...seen(updated), status: { replicas: 3 } });
    assert.deepEqual(put.body.status, { replicas: 3 });
    assert.deepEqual((await request("GET", `${models}/digits/status`)).body.status, { replicas: 3 });
    assert.equal((await request("GET", "/api/v1/namespaces/default/secrets/x/status")).status, 404);
  });

  test("the scale subresource writes spec.replicas within bounds", async () => {
    const { request, store } = started();
    await storedModel(store, "digits", { spec: { scaling: { minReplicas: 2, maxReplicas: 4 } } });
    const scale = await request("GET", `${models}/digits/scale`);
    assert.deepEqual([scale.body.kind, scale.body.apiVersion, spec(scale)], ["Scale", "autoscaling/v1", { replicas: 2 }]);
    const patched = await request("PATCH", `${models}/digits/scale`, { spec: { replicas: 3 } }, merge);
    assert.deepEqual(spec(patched), { replicas: 3 });
    assert.equal(spec(await request("GET", `${models}/digits`)).replicas, 3);
    const stale = await request("PUT", `${models}/digits/scale`, scale.body);
    assert.equal(stale.status, 409);
    const put = await request("PUT", `${models}/digits/scale`, { ...patched.body, spec: { replicas: 4 } });
    assert.equal(put.status, 200);
    for (const [replicas, message] of [
      [0, /expected at least 1/],
      [5, /expected at most 4/],
      [1.5, /whole number/],
      ["3", /whole number/],
    ] as const) {
      const refused = await request("PATCH", `${models}/digits/scale`, { spec: { replicas } }, merge);
      assert.equal(refused.status, 422, `${replicas}`);
      assert.match(String(refused.body.message), message);
    }
    assert.equal((await request("GET", `${models}/nope/scale`)).status, 404);
  });

  test("delete honours preconditions, policies and finalizers", async () => {
    const { request, store } = started();
    const { metadata } = await storedModel(store, "digits", { metadata: { finalizers: ["slipway.dev/test"] } });
    for (const options of [{ preconditions: { uid: "other" } }, { preconditions: { resourceVersion: "1" } }]) {
      assert.equal((await request("DELETE", `${models}/digits`, options)).status, 409);
    }
    for (const options of [
      { propagationPolicy: "Sideways" },
      { preconditons: {} },
      { propagationPolicy: "Orphan", orphanDependents: true },
    ]) {
      assert.equal((await request("DELETE", `${models}/digits`, options)).status, 422, JSON.stringify(options));
    }
    const waiting = await request("DELETE", `${models}/digits?gracePeriodSeconds=5`, { preconditions: { uid: metadata.uid } });
    assert.equal(waiting.status, 200);
    assert.ok(meta(waiting).deletionTimestamp);
    await request("PATCH", `${models}/digits`, { metadata: { finalizers: null } }, merge);
    assert.equal((await request("GET", `${models}/digits`)).status, 404);
  });

  test("delete of a collection takes what the selector matches", async () => {
    const { request, store } = started();
    await storedModel(store, "a", { metadata: { labels: { x: "1" } } });
    await storedModel(store, "b");
    const deleted = await request("DELETE", `${models}?labelSelector=x%3D1`);
    assert.equal((deleted.body.items as unknown[]).length, 1);
    const left = await request("GET", models);
    assert.deepEqual(
      (left.body.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name),
      ["b"],
    );
  });

  test("objects come as tables and as metadata where the client asks", async () => {
    const { request, store } = started();
    await storedModel(store, "digits");
    const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };
    for (const path of [models, `${models}/digits`]) {
      const { body } = await request("GET", path, undefined, table);
      assert.equal(body.kind, "Table");
      const names = (body.columnDefinitions as { name: string }[]).map(({ name }) => name);
      assert.deepEqual(names.slice(0, 3), ["Name", "Ready", "Replicas"]);
      const [row] = body.rows as { cells: unknown[]; object: JsonObject }[];
      assert.deepEqual([row?.cells.length, row?.cells[0], row?.object.kind], [names.length, "digits", "PartialObjectMetadata"]);
    }
    const whole = await request("GET", `${models}?includeObject=Object`, undefined, table);
    assert.equal((whole.body.rows as { object: JsonObject }[])[0]?.object.kind, "Model");
    const none = await request("GET", `${models}?includeObject=None`, undefined, table);
    assert.equal((none.body.rows as { object: JsonObject | null }[])[0]?.object, null);
    const partial = await request("GET", models, undefined, {
      accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    });
    assert.equal(partial.body.kind, "PartialObjectMetadataList");
    assert.equal((await request("GET", models, undefined, { accept: "text/html" })).status, 406);
  });
});
