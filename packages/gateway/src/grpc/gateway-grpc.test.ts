import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { status } from "@grpc/grpc-js";
import { silentLog, systemClock } from "@slipway/base";
import { type FrameRequest, loadGrpcProtocol } from "@slipway/protocol";
import { GrpcClient } from "@slipway/testkit";
import { GatewayAccess } from "../access/gateway-access.ts";
import type { GatewayOptions } from "../start-gateway.ts";
import { startPlatform, until } from "../testing/start-platform.ts";

const text = (name: string) => readFileSync(new URL(`../../../../docs/proto/${name}.proto`, import.meta.url), "utf8");
const proto = text("inference");
const health = text("health");
const protocol = await loadGrpcProtocol();

const spec = { datatype: "FP32", shape: [-1, 2] } as const;
const signature = { inputs: [{ name: "x", ...spec }], outputs: [{ name: "y", ...spec }] };
const limit = 64 * 1024 * 1024;

/** Answers as a replica does: what came in `x` as `y`, `rounds` times. */
async function identity(request: FrameRequest, rounds = 1): Promise<void> {
  const { path, headers } = request.head;
  if (path !== "infer") {
    const body = path === "ready" ? { name: "m", ready: true } : { name: "m", versions: ["m-1"], platform: "fake", ...signature };
    request.respond({ status: 200, headers: { "content-type": "application/json" } }, Buffer.from(JSON.stringify(body)));
    return;
  }
  assert.equal(headers["content-type"], "application/grpc+proto");
  const parsed = protocol.parseGrpcRequest(await request.body.whole(limit), signature);
  const { name: _, ...x } = parsed.inputs[0]!;
  const outputs = Array.from({ length: rounds }, (_, index) => ({ ...x, name: `y${index === 0 ? "" : index}` }));
  const response = {
    modelName: "m",
    modelVersion: request.head.revision,
    ...(parsed.id === undefined ? {} : { id: parsed.id }),
    outputs,
  };
  const { pieces } = protocol.renderGrpcResponse(response, parsed.binaryOutputs !== undefined, limit);
  const body = Buffer.concat(pieces);
  request.respond(
    { status: 200, headers: { "content-type": "application/grpc+proto", "content-length": `${body.length}` } },
    body,
  );
}

async function start(t: TestContext, options: Partial<GatewayOptions> = {}) {
  const platform = await startPlatform(t, options);
  const client = new GrpcClient(platform.gateway.address.port, proto);
  t.after(() => client.close());
  return { ...platform, client };
}

const x = { name: "x", datatype: "FP32", shape: [1, 2] };
const typed = { modelName: "m", id: "7", inputs: [{ ...x, contents: { fp32Contents: [1.5, -2] } }] };
const raw = (rows: number) => ({
  modelName: "m",
  id: "8",
  inputs: [{ ...x, shape: [rows, 2] }],
  rawInputContents: [Buffer.alloc(8 * rows, 3)],
});

test("a gateway forwards calls for models, with their deadline, and answers for itself", async (t) => {
  const { client, replica, publish, gateway, call } = await start(t);
  const one = await replica("one", (request) => void identity(request));
  await publish("m", [{ name: "m-1", percent: 100, replicas: [one] }]);
  const answer = (await client.call("ModelInfer", typed, {
    deadlineMs: 5_000,
    metadata: { "x-request-id": "r-1", cookie: "c" },
  })) as unknown as { id: string; outputs: { contents: { fp32Contents: number[] } }[] };
  assert.equal(answer.id, "7");
  assert.deepEqual(answer.outputs[0]?.contents.fp32Contents, [1.5, -2]);
  const { head } = one.seen.at(-1)!;
  assert.ok(head.deadline > 4_000 && head.deadline <= 5_000, `${head.deadline}`);
  assert.deepEqual(head.headers, { "content-type": "application/grpc+proto", "x-request-id": "r-1" });
  assert.deepEqual(await client.call("ServerReady", {}), { ready: true });
  assert.deepEqual(await client.call("ModelReady", { name: "m" }), { ready: true });
  assert.equal(((await client.call("ModelMetadata", { name: "m" })) as { platform?: string }).platform, "fake");
  assert.deepEqual(((await client.call("RepositoryIndex", {})) as { models?: unknown }).models, [
    { name: "m", version: "m-1", state: "READY" },
  ]);
  assert.match((await client.refused("RepositoryModelLoad", { modelName: "m" })).details, /declared/);
  assert.equal((await client.refused("ModelInfer", { ...typed, modelName: "none" })).code, status.NOT_FOUND);
  assert.equal((await client.refused("ModelInfer", { ...typed, modelVersion: "m-9" })).code, status.NOT_FOUND);
  assert.deepEqual(await client.call("ModelReady", { name: "none" }), {});
  assert.equal((await call("/v2/health/ready")).status, 200);
  assert.equal(gateway.stats().inflight, 0);
});

test("a large answer is passed on as it comes, and the model's errors are the call's", async (t) => {
  const { client, replica, publish } = await start(t);
  const one = await replica("one", (request) => {
    if (request.head.deadline > 2_500) void identity(request, 8);
    else
      request.respond(
        { status: 429, headers: { "content-type": "application/json", "retry-after": "3", "grpc-status": "8" } },
        Buffer.from('{"error":"The queue is full."}'),
      );
  });
  await publish("m", [{ name: "m-1", percent: 100, replicas: [one] }]);
  const answer = (await client.call("ModelInfer", raw(50_000))) as unknown as { rawOutputContents: Buffer[] };
  assert.deepEqual(
    answer.rawOutputContents.map(({ length }) => length),
    Array.from({ length: 8 }, () => 400_000),
  );
  assert.ok(answer.rawOutputContents.every((bytes) => bytes.every((byte) => byte === 3)));
  const error = await client.refused("ModelInfer", typed, { deadlineMs: 2_000 });
  assert.deepEqual([error.code, error.details], [status.RESOURCE_EXHAUSTED, "The queue is full."]);
  assert.deepEqual(error.metadata.get("grpc-retry-pushback-ms"), ["3000"]);
});

test("a call whose replica is lost is answered by another, and one that is cancelled is so for the replica", async (t) => {
  const { client, replica, publish, gateway } = await start(t);
  const dies = await replica("dies", (_request, self) => void self.kill());
  const lives = await replica("lives", (request) => {
    if (request.head.headers["x-request-id"] !== "held") void identity(request);
  });
  await publish("m", [{ name: "m-1", percent: 100, replicas: [dies] }]);
  const answer = client.call("ModelInfer", typed);
  await until("the replica is lost", () => gateway.stats().retried === 1);
  await publish("m", [{ name: "m-1", percent: 100, replicas: [lives] }]);
  assert.equal(((await answer) as { id?: string }).id, "7");
  const cancelled = client.refused("ModelInfer", typed, { metadata: { "x-request-id": "held" }, deadlineMs: 300 });
  assert.equal((await cancelled).code, status.DEADLINE_EXCEEDED);
  await until("the replica knows", () => lives.seen.at(-1)!.cancelled);
  await until("nothing is under way", () => gateway.stats().inflight === 0);
});

test("a call waits for a replica until its deadline", async (t) => {
  const { client, replica, publish, gateway } = await start(t);
  await publish("m", [{ name: "m-1", percent: 100, replicas: [] }]);
  assert.equal((await client.refused("ModelInfer", typed, { deadlineMs: 50 })).code, status.DEADLINE_EXCEEDED);
  assert.deepEqual(await client.call("ModelReady", { name: "m" }), {});
  const answer = client.call("ModelInfer", typed);
  await until("it waits", () => gateway.stats().waiting === 1);
  const one = await replica("one", (request) => void identity(request));
  await publish("m", [{ name: "m-1", percent: 100, replicas: [one] }]);
  assert.equal(((await answer) as { id?: string }).id, "7");
});

test("each message of a stream goes its own way; answers come in order, errors among them", async (t) => {
  const { client, replica, publish } = await start(t);
  const held: FrameRequest[] = [];
  const one = await replica("one", (request) => {
    held.push(request);
    // The last ones first.
    if (held.length === 20) for (const waiting of held.splice(0).reverse()) void identity(waiting);
  });
  await publish("m", [{ name: "m-1", percent: 100, replicas: [one] }]);
  const stream = client.stream("ModelStreamInfer");
  const answers: { errorMessage?: string; inferResponse: { id: string } }[] = [];
  stream.on("data", (answer) => answers.push(answer));
  for (let index = 0; index < 21; index += 1)
    stream.write({ ...typed, id: `${index}`, ...(index === 3 ? { modelName: "none" } : {}) });
  stream.end();
  const end = await new Promise<{ code: number }>((resolve) => stream.on("status", resolve));
  assert.equal(end.code, status.OK);
  assert.deepEqual(
    answers.map(({ inferResponse }) => inferResponse.id),
    Array.from({ length: 21 }, (_, index) => `${index}`),
  );
  assert.deepEqual(
    answers.flatMap(({ errorMessage }) => errorMessage ?? []),
    ['There is no model "none" in namespace "default".'],
  );
});

test("keys and namespaces are metadata; health of the server is for everybody, that of models is not", async (t) => {
  const key = "slw_one_0123456789abcdef0123456789abcdef";
  const entries = new Map([["one", { sha256: createHash("sha256").update(key).digest("hex"), models: ["team/m"] }]]);
  const reviewer = { review: async () => undefined };
  const access = new GatewayAccess({ keys: { entries }, reviewer, clock: systemClock, log: silentLog });
  const { client, replica, publish, gateway } = await start(t, { access });
  const one = await replica("one", (request) => void identity(request));
  await publish("m", [{ name: "m-1", percent: 100, replicas: [one] }], "team");
  const metadata = { authorization: `Bearer ${key}`, "slipway-namespace": "team" };
  assert.equal(((await client.call("ModelInfer", typed, { metadata })) as { id?: string }).id, "7");
  assert.equal((await client.refused("ModelInfer", typed)).code, status.UNAUTHENTICATED);
  assert.equal(
    (await client.refused("ModelInfer", typed, { metadata: { authorization: metadata.authorization } })).code,
    status.PERMISSION_DENIED,
  );
  assert.equal((await client.refused("ServerMetadata", {})).code, status.UNAUTHENTICATED);
  assert.deepEqual(
    ((await client.call("RepositoryIndex", {}, { metadata: { authorization: metadata.authorization } })) as { models?: unknown })
      .models,
    [],
  );
  assert.deepEqual(await client.call("ServerLive", {}), { live: true });
  const checks = new GrpcClient(gateway.address.port, health, "grpc.health.v1.Health");
  t.after(() => checks.close());
  assert.deepEqual(await checks.call("Check", {}), { status: 1 });
  assert.equal((await checks.refused("Check", { service: "m" })).code, status.UNAUTHENTICATED);
  assert.deepEqual(await checks.call("Check", { service: "m" }, { metadata }), { status: 1 });
});
