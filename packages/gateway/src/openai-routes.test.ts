import assert from "node:assert/strict";
import { test } from "node:test";
import type { FrameRequest } from "@slipway/protocol";
import { startPlatform, until } from "./testing/start-platform.ts";

const ask = (body: unknown, headers: Record<string, string> = {}) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

test("a request goes to the model that it names, whole, and its stream comes back as it is made", async (t) => {
  const platform = await startPlatform(t);
  const more = Promise.withResolvers<void>();
  async function* events() {
    yield Buffer.from("data: 1\n\n");
    await more.promise;
    yield Buffer.from("data: [DONE]\n\n");
  }
  const bodies: string[] = [];
  const answer = async (request: FrameRequest) => {
    bodies.push((await request.body.whole(1_000)).toString());
    request.respond({ status: 200, headers: { "content-type": "text/event-stream" } }, events());
  };
  const own = await platform.replica("own", (request) => void answer(request));
  const other = await platform.replica("other", (request) => void answer(request));
  await platform.publish("m", [{ name: "m-1", percent: 100, replicas: [own] }]);
  await platform.publish("m", [{ name: "m-1", percent: 100, replicas: [other] }], "team");
  const body = { model: "m", messages: [], extra: 1 };
  const response = await fetch(`${platform.gateway.address.url}/v1/chat/completions`, ask(body));
  assert.deepEqual([response.status, response.headers.get("content-type")], [200, "text/event-stream"]);
  const reader = response.body!.getReader();
  assert.equal(Buffer.from((await reader.read()).value!).toString(), "data: 1\n\n");
  more.resolve();
  assert.equal(Buffer.from((await reader.read()).value!).toString(), "data: [DONE]\n\n");
  assert.deepEqual([own.seen[0]?.head.path, bodies], ["v1/chat/completions", [JSON.stringify(body)]]);
  await platform.call("/v1/embeddings", ask({ model: "team/m" }));
  assert.deepEqual([other.seen[0]?.head.path, other.seen[0]?.head.namespace], ["v1/embeddings", "team"]);
});

test("a client that leaves in the midst of its stream is known to the replica", async (t) => {
  const platform = await startPlatform(t);
  const replica = await platform.replica("r", (request) => {
    async function* events() {
      while (!request.cancelled) {
        yield Buffer.from("data: 1\n\n");
        await new Promise(setImmediate);
      }
    }
    request.respond({ status: 200, headers: { "content-type": "text/event-stream" } }, events());
  });
  await platform.publish("m", [{ name: "m-1", percent: 100, replicas: [replica] }]);
  const leaving = new AbortController();
  const response = await fetch(`${platform.gateway.address.url}/v1/completions`, {
    ...ask({ model: "m" }),
    signal: leaving.signal,
  });
  await response.body!.getReader().read();
  leaving.abort();
  await until("the request is cancelled", () => replica.seen[0]?.cancelled === true);
});

test("errors are told as OpenAI's clients read them, and only on its routes", async (t) => {
  const platform = await startPlatform(t);
  await platform.publish("m", []);
  const error = async (path: string, sent: object) => {
    const { status, text } = await platform.call(path, sent);
    return [status, JSON.parse(text).error.param, JSON.parse(text).error.type];
  };
  assert.deepEqual(await error("/v1/chat/completions", ask({ model: "x" })), [404, null, "invalid_request_error"]);
  assert.deepEqual(await error("/v1/chat/completions", ask({})), [400, "model", "invalid_request_error"]);
  assert.deepEqual(await error("/v1/chat/completions", ask("{")), [400, null, "invalid_request_error"]);
  assert.deepEqual(await error("/v1/chat/completions", ask("x".repeat(5_000_000))), [413, null, "invalid_request_error"]);
  assert.deepEqual(await error("/v1/models/x", {}), [404, null, "invalid_request_error"]);
  assert.equal(typeof JSON.parse((await platform.call("/v2/models/x/infer", ask({}))).text).error, "string");
});

test("models are listed by the names that requests say", async (t) => {
  const platform = await startPlatform(t);
  await platform.publish("m", []);
  await platform.publish("m", [], "team");
  const { text } = await platform.call("/v1/models");
  assert.deepEqual(
    JSON.parse(text).data.map(({ id }: { id: string }) => id),
    ["m", "team/m"],
  );
  for (const id of ["m", "default/m", "team/m"]) assert.equal(JSON.parse((await platform.call(`/v1/models/${id}`)).text).id, id);
});
