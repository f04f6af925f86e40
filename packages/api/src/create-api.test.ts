import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { models, type RunningApi, startApi, token } from "./testing/running-api.ts";

describe("createApi", () => {
  let api: RunningApi;
  before(async () => {
    api = await startApi({ notReady: () => "control is starting" });
  });
  after(() => api.close());

  test("answers health without a token, and says why it is not ready", async () => {
    for (const path of ["/healthz", "/livez"]) {
      const answer = await fetch(`${api.url}${path}`);
      assert.deepEqual([answer.status, await answer.text()], [200, "ok"]);
    }
    const ready = await fetch(`${api.url}/readyz`);
    assert.deepEqual([ready.status, await ready.json()], [503, { error: "control is starting" }]);
  });

  test("answers everything else with 401 to who has no token", async () => {
    for (const path of [
      "/version",
      "/api",
      "/apis",
      "/api/v1",
      "/openapi/v3",
      models,
      `${models}/x`,
      "/api/v1/secrets?watch=true",
    ]) {
      for (const headers of [{}, { authorization: "Bearer wrong" }] as Record<string, string>[]) {
        const answer = await fetch(`${api.url}${path}`, { headers });
        const body = (await answer.json()) as { kind: string; reason: string };
        assert.deepEqual([answer.status, body.kind, body.reason], [401, "Status", "Unauthorized"], path);
      }
    }
  });

  test("answers unknown paths and methods with a Status", async () => {
    const unknown = await api.request("GET", "/apis/nope/v1");
    assert.deepEqual([unknown.status, unknown.body.kind, unknown.body.reason], [404, "Status", "NotFound"]);
    const wrong = await api.request("PUT", models, {});
    assert.deepEqual(
      [wrong.status, wrong.body.reason, wrong.headers.get("allow")],
      [405, "MethodNotAllowed", "DELETE, GET, HEAD, POST"],
    );
  });

  test("refuses to act as somebody else", async () => {
    const answer = await api.request("GET", models, undefined, { "impersonate-user": "root" });
    assert.deepEqual([answer.status, answer.body.reason], [403, "Forbidden"]);
  });

  test("refuses a body above 3 MiB and one that is not JSON, YAML or protobuf", async () => {
    const large = await api.request("POST", models, `{"a":"${"x".repeat(3 << 20)}"}`);
    assert.deepEqual([large.status, large.body.reason], [413, "RequestEntityTooLarge"]);
    const form = await api.request("POST", models, "a=b", { "content-type": "application/x-www-form-urlencoded" });
    assert.deepEqual([form.status, form.body.reason], [415, "UnsupportedMediaType"]);
    const broken = await api.request("POST", models, "{");
    assert.deepEqual([broken.status, broken.body.reason], [400, "BadRequest"]);
  });

  test("tells old and aggregated discovery the same story", async () => {
    const legacy = await api.request("GET", "/apis/slipway.dev/v1alpha1");
    const names = (legacy.body.resources as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(names, ["models", "models/scale", "models/status", "revisions", "revisions/status"]);
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    const aggregated = await api.request("GET", "/apis", undefined, { accept });
    assert.match(aggregated.headers.get("content-type") ?? "", /as=APIGroupDiscoveryList/);
    const items = aggregated.body.items as {
      metadata: { name: string };
      versions: { resources: { resource: string; subresources?: { subresource: string }[] }[] }[];
    }[];
    const group = items.find((item) => item.metadata.name === "slipway.dev");
    const flat = group?.versions[0]?.resources.flatMap(({ resource, subresources }) => [
      resource,
      ...(subresources ?? []).map(({ subresource }) => `${resource}/${subresource}`),
    ]);
    assert.deepEqual(flat, names);
    const groups = await api.request("GET", "/apis");
    assert.deepEqual(
      (groups.body.groups as { name: string }[]).map(({ name }) => name),
      ["slipway.dev", "authentication.k8s.io", "authorization.k8s.io"],
    );
  });

  test("serves OpenAPI v3 documents that clients may keep by their hash", async () => {
    const index = await api.request("GET", "/openapi/v3");
    const paths = index.body.paths as Record<string, { serverRelativeURL: string }>;
    assert.deepEqual(Object.keys(paths), ["apis/slipway.dev/v1alpha1", "api/v1"]);
    for (const { serverRelativeURL } of Object.values(paths)) {
      const document = await api.request("GET", serverRelativeURL);
      assert.match(document.headers.get("cache-control") ?? "", /immutable/);
      const references = [...JSON.stringify(document.body).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
        (match) => match[1],
      );
      const { schemas } = document.body.components as { schemas: Record<string, unknown> };
      assert.ok(references.length > 0);
      for (const name of references) assert.ok(Object.hasOwn(schemas, name ?? ""), `${name}`);
      const etag = document.headers.get("etag") ?? "";
      const again = await fetch(`${api.url}${serverRelativeURL}`, {
        headers: { authorization: `Bearer ${token}`, "if-none-match": etag },
      });
      assert.equal(again.status, 304);
    }
  });

  test("says who asks and that it may", async () => {
    const who = await api.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
      apiVersion: "authentication.k8s.io/v1",
      kind: "SelfSubjectReview",
    });
    assert.deepEqual([who.status, who.body.status], [201, { userInfo: { username: "ada", groups: ["admins"] } }]);
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const may = await api.request("POST", path, {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { verb: "get" } },
    });
    assert.equal((may.body.status as { allowed: boolean }).allowed, true);
    const empty = await api.request("POST", path, {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: {},
    });
    assert.equal(empty.status, 400);
  });
});
