import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { systemClock } from "@slipway/base";
import { createClient } from "./client.ts";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** A small HTTP server that answers every call alike, and a client of it. */
async function serve(context: TestContext, status: number, answer: unknown) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request);
    const { authorization, "content-type": type } = request.headers;
    asked.push({
      method: request.method ?? "",
      url: request.url ?? "",
      type,
      authorization,
      body: text === "" ? undefined : JSON.parse(text),
    });
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, client: createClient({ baseUrl, token: "secret", fetch: globalThis.fetch, clock: systemClock }) };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

const digits = { apiVersion: "slipway.dev/v1alpha1", kind: "Model", metadata: { name: "digits", namespace: "lab" } } as const;
const key = { name: "digits", namespace: "lab" };
const models = "/apis/slipway.dev/v1alpha1/namespaces/lab/models";

test("every call has its Kubernetes path, media type and token", async (context) => {
  const { asked, client } = await serve(context, 200, digits);
  await client.get("Model", key);
  await client.get("Namespace", { name: "lab" });
  await client.patch("Model", key, { spec: { replicas: 2 } });
  await client.patch("Model", key, [{ op: "remove", path: "/spec/replicas" }], { dryRun: true });
  await client.apply({ ...digits, spec: {} }, { fieldManager: "slipway-cli", force: true });
  await client.delete("Model", key, { uid: "u-1", propagation: "Foreground" });
  await client.scale("Model", key, 3, { fieldManager: "slipway-scale" });
  assert.deepEqual(
    asked.map(({ method, url, type }) => [method, url, type]),
    [
      ["GET", `${models}/digits`, undefined],
      ["GET", "/api/v1/namespaces/lab", undefined],
      ["PATCH", `${models}/digits?fieldValidation=Strict`, "application/merge-patch+json"],
      ["PATCH", `${models}/digits?dryRun=All&fieldValidation=Strict`, "application/json-patch+json"],
      ["PATCH", `${models}/digits?fieldManager=slipway-cli&force=true&fieldValidation=Strict`, "application/apply-patch+yaml"],
      ["DELETE", `${models}/digits`, "application/json"],
      ["PATCH", `${models}/digits/scale?fieldManager=slipway-scale&fieldValidation=Strict`, "application/merge-patch+json"],
    ],
  );
  assert.ok(asked.every((call) => call.authorization === "Bearer secret"));
  assert.deepEqual(asked[5]?.body, {
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: "Foreground",
    preconditions: { uid: "u-1" },
  });
  assert.deepEqual(asked[6]?.body, { spec: { replicas: 3 } });
});

test("names are escaped, so that none can name another path", async (context) => {
  const { asked, client } = await serve(context, 200, digits);
  await client.get("Model", { name: "../../secrets/x?y", namespace: "a/b" });
  assert.equal(asked[0]?.url, "/apis/slipway.dev/v1alpha1/namespaces/a%2Fb/models/..%2F..%2Fsecrets%2Fx%3Fy");
  await assert.rejects(client.get("Model", { name: "", namespace: "lab" }), { code: "badRequest" });
});

test("a list gives items with their kind, and the version to watch from", async (context) => {
  const item = { metadata: { name: "digits", namespace: "lab" } };
  const list = { kind: "ModelList", apiVersion: "slipway.dev/v1alpha1", metadata: { resourceVersion: "42" }, items: [item] };
  const { asked, client } = await serve(context, 200, list);
  const { items, version } = await client.list("Model", { labelSelector: "team=a,b!=c" });
  assert.equal(version, "42");
  assert.deepEqual(items, [{ ...item, apiVersion: "slipway.dev/v1alpha1", kind: "Model" }]);
  assert.equal(asked[0]?.url, "/apis/slipway.dev/v1alpha1/models?labelSelector=team%3Da%2Cb%21%3Dc");
});

test("a Status is thrown as the error it means", async (context) => {
  const { client } = await serve(context, 404, {
    kind: "Status",
    reason: "NotFound",
    message: 'models.slipway.dev "digits" not found',
  });
  await assert.rejects(client.get("Model", key), { code: "notFound", message: 'models.slipway.dev "digits" not found' });
});

test("an answer that is not JSON is said to come from something else", async (context) => {
  const { client } = await serve(context, 200, "<html>hello</html>");
  await assert.rejects(client.get("Model", key), { code: "unavailable", message: /did not answer with JSON/ });
});

test("a server that is not there is unavailable, and an abort is cancelled", async (context) => {
  const { client } = await serve(context, 200, digits);
  await assert.rejects(client.get("Model", key, { signal: AbortSignal.abort() }), { code: "cancelled" });
  const nobody = createClient({ baseUrl: "http://127.0.0.1:1", token: "", fetch: globalThis.fetch, clock: systemClock });
  await assert.rejects(nobody.get("Model", key), { code: "unavailable", message: /127\.0\.0\.1:1 cannot be reached/ });
});

test("a watch reads the stream of a real connection", async (context) => {
  const event = { type: "ADDED", object: { ...digits, metadata: { ...digits.metadata, resourceVersion: "9" } } };
  const { asked, client } = await serve(context, 200, `${JSON.stringify(event)}\n`);
  const stop = new AbortController();
  for await (const change of client.watch("Model", { namespace: "lab", from: "8", signal: stop.signal })) {
    assert.equal(change.type, "added");
    break;
  }
  assert.equal(asked[0]?.url, `${models}?watch=true&allowWatchBookmarks=true&resourceVersion=8`);
});
