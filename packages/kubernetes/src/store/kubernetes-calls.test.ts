import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError, systemClock } from "@slipway/base";
import type { Fetch, FetchResponse } from "@slipway/client";
import { modelOf } from "../testing/resources.ts";
import { KubernetesStore } from "./kubernetes-store.ts";

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly type: string | undefined;
  readonly body: unknown;
}

/** A store whose server answers one call after the other with these bodies, and what it was sent. */
function scripted(...answers: readonly (object | Error)[]) {
  const sent: Sent[] = [];
  const fetch: Fetch = async (url, init) => {
    const { pathname, searchParams } = new URL(url);
    const answer = answers[sent.length];
    sent.push({
      method: init.method,
      path: pathname,
      query: Object.fromEntries(searchParams),
      type: init.headers["content-type"],
      body: init.body === undefined ? undefined : JSON.parse(String(init.body)),
    });
    if (answer instanceof Error || answer === undefined) throw answer ?? new Error("more calls than answers");
    const { code } = answer as { code?: number };
    return Response.json(answer, { status: code ?? 200 }) as FetchResponse;
  };
  return { sent, store: new KubernetesStore({ server: { baseUrl: "https://api.example", fetch }, clock: systemClock }) };
}

const item = (name: string) => ({ metadata: { name, namespace: "default", resourceVersion: "5" } });
const page = (names: readonly string[], more?: string) => ({
  kind: "ModelList",
  metadata: { resourceVersion: "9", ...(more === undefined ? { continue: "" } : { continue: more }) },
  items: names.map(item),
});
const status = (code: number, reason: string) => ({ kind: "Status", status: "Failure", code, reason, message: reason });
const key = { namespace: "default", name: "digits" };

test("a list comes in pages of one version, and its items say their kind", async () => {
  const { store, sent } = scripted(page(["a", "b"], "next"), page(["c"]));
  const { items, version } = await store.list("Model", { namespace: "default" });
  assert.deepEqual(
    items.map(({ kind, apiVersion, metadata }) => `${apiVersion} ${kind} ${metadata.name}`),
    ["a", "b", "c"].map((name) => `slipway.dev/v1alpha1 Model ${name}`),
  );
  assert.equal(version, "9");
  assert.deepEqual(
    sent.map(({ path, query }) => [path, query]),
    [
      ["/apis/slipway.dev/v1alpha1/namespaces/default/models", { limit: "500" }],
      ["/apis/slipway.dev/v1alpha1/namespaces/default/models", { limit: "500", continue: "next" }],
    ],
  );
});

test("a list whose pages the server has forgotten is read again at once", async () => {
  const { store, sent } = scripted(page(["a"], "next"), status(410, "Expired"), page(["a", "b"]));
  assert.equal((await store.list("Model")).items.length, 2);
  assert.deepEqual(sent.at(-1)?.query, {});
});

test("a change names the version it is based on, who makes it, and is checked strictly", async () => {
  const model = modelOf({}, { resourceVersion: "3" });
  const { store, sent } = scripted(model, model);
  await store.write(model, { expect: "5", manager: "slipway-control", subresource: "status", dryRun: true });
  await store.write(model, { expect: "absent", manager: "slipway-control" });
  assert.deepEqual(
    sent.map(({ method, path, query, body }) => [method, path, query, (body as typeof model).metadata.resourceVersion]),
    [
      [
        "PUT",
        "/apis/slipway.dev/v1alpha1/namespaces/default/models/digits/status",
        { fieldManager: "slipway-control", dryRun: "All", fieldValidation: "Strict" },
        "5",
      ],
      [
        "POST",
        "/apis/slipway.dev/v1alpha1/namespaces/default/models",
        { fieldManager: "slipway-control", fieldValidation: "Strict" },
        undefined,
      ],
    ],
  );
});

test("an apply is an apply patch; one that expects nothing looks first", async () => {
  const model = modelOf();
  const { store, sent } = scripted(model, status(404, "NotFound"), model, model);
  await store.write(model, { expect: "5", manager: "ci", operation: "Apply", force: true });
  await store.write(model, { expect: "absent", manager: "ci", operation: "Apply" });
  assert.deepEqual(
    sent.map(({ method, type, query }) => [method, type, query.force]),
    [
      ["PATCH", "application/apply-patch+yaml", "true"],
      ["GET", undefined, undefined],
      ["PATCH", "application/apply-patch+yaml", undefined],
    ],
  );
  const there = scripted(model);
  await assert.rejects(there.store.write(model, { expect: "absent", manager: "ci", operation: "Apply" }), {
    code: "alreadyExists",
  });
});

test("a scale goes through its own door, and the object comes back", async () => {
  const scaled = modelOf({ replicas: 4 });
  const { store, sent } = scripted({ kind: "Scale", spec: { replicas: 4 } }, scaled);
  const after = await store.write(scaled, { expect: "5", manager: "hand", subresource: "scale" });
  assert.equal(after.spec.replicas, 4);
  assert.deepEqual(sent[0]?.body, {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { ...key, resourceVersion: "5" },
    spec: { replicas: 4 },
  });
});

test("a scale is not applied, as no API server can for a custom resource", async () => {
  const { store, sent } = scripted();
  const scaled = modelOf({ replicas: 4 });
  const write = store.write(scaled, { expect: "5", manager: "ci", subresource: "scale", operation: "Apply" });
  await assert.rejects(write, { code: "unimplemented" });
  assert.deepEqual(sent, []);
});

test("a removal takes only the object that was seen, and gives its last state", async () => {
  const model = modelOf({}, { resourceVersion: "5" });
  const { store, sent } = scripted(model, { kind: "Status", status: "Success" });
  assert.deepEqual(await store.remove("Model", key, { propagation: "Foreground" }), model);
  assert.deepEqual(sent[1]?.body, {
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: "Foreground",
    preconditions: { uid: model.metadata.uid },
  });
});

test("an API server that cannot be reached is unavailable, and what is no API server says so", async () => {
  const code = async (work: Promise<unknown>) =>
    work.then(
      () => "done",
      (caught: unknown) => SlipwayError.from(caught).code,
    );
  assert.equal(await code(scripted(new TypeError("fetch failed")).store.get("Model", key)), "unavailable");
  const page = { baseUrl: "https://api.example", fetch: async () => new Response("<html>") as FetchResponse };
  assert.equal(await code(new KubernetesStore({ server: page, clock: systemClock }).get("Model", key)), "unavailable");
});
