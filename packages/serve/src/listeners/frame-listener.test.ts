import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import { ByteBudget, systemClock } from "@slipway/base";
import { FrameClient, type FrameRequestHead, type FrameResponseHead } from "@slipway/protocol";
import { startFixture, tensorJson } from "../../fixtures/start-fixture.ts";
import { type FrameListener, type FrameListenerOptions, listenFrames, type Replica, unixTransport } from "../index.ts";
import { until } from "./testing/until.ts";

const good = { inputs: [tensorJson("x", "FP32", [1, 2], [1.5, -2])] };
const slow = (rounds: number) => ({ inputs: [tensorJson("rounds", "INT64", [1], [rounds])] });
const inferHead: FrameRequestHead = {
  namespace: "default",
  model: "m",
  revision: "m-1",
  method: "POST",
  path: "infer",
  deadline: 0,
  headers: { "content-type": "application/json" },
};

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A listener and where it is. */
type Listening = FrameListener & { readonly path: string };

async function listen(t: TestContext, replica: Replica, more: Partial<FrameListenerOptions> = {}): Promise<Listening> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-frames-"));
  const path = join(directory, "s");
  const listener = await listenFrames({ replica, transport: unixTransport(path), clock: systemClock, ...more });
  t.after(async () => {
    await listener.close();
    await rm(directory, { recursive: true });
  });
  return Object.assign(listener, { path });
}

async function connect(t: TestContext, listener: Listening): Promise<FrameClient> {
  const socket = createConnection(listener.path);
  t.after(() => socket.destroy());
  const client = new FrameClient(socket, { clock: systemClock });
  await client.ready;
  return client;
}

/** Sends a request and collects its answer; rejects with the FrameError. */
function ask(client: FrameClient, body?: unknown, head: Partial<FrameRequestHead> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0;
    const chunks: Buffer[] = [];
    client.request({ ...inferHead, ...head }, body === undefined ? undefined : Buffer.from(JSON.stringify(body)), {
      head: (answer) => {
        status = answer.status;
      },
      data: (chunk) => chunks.push(chunk),
      end: () => resolve({ status, body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown> }),
      error: reject,
    });
  });
}

describe("listenFrames()", () => {
  it("answers inference, metadata and readiness", async (t) => {
    const client = await connect(t, await listen(t, await startFixture(t, "identity-fp32")));
    const inferred = await ask(client, good);
    assert.equal(inferred.status, 200);
    assert.deepEqual(inferred.body.outputs, [tensorJson("y", "FP32", [1, 2], [1.5, -2])]);
    assert.equal((await ask(client, undefined, { method: "GET", path: "" })).body.platform, "onnxruntime_onnx");
    assert.deepEqual((await ask(client, undefined, { method: "GET", path: "ready" })).body, { name: "m", ready: true });
  });

  it("answers many requests of one connection, each with its own", async (t) => {
    const client = await connect(t, await listen(t, await startFixture(t, "identity-int32")));
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const { body } = await ask(client, { id: `${index}`, inputs: [tensorJson("x", "INT32", [1, 2], [index, -index])] });
        return [body.id, body.outputs];
      }),
    );
    answers.forEach((got, index) => {
      assert.deepEqual(got, [`${index}`, [tensorJson("y", "INT32", [1, 2], [index, index === 0 ? 0 : -index])]]);
    });
  });

  for (const [name, status, head, body] of [
    ["another path", 404, { path: "generate" }, good],
    ["a path that every object has", 404, { path: "constructor" }, good],
    ["another method", 405, { method: "GET" }, undefined],
    ["a body above the limit", 413, {}, { ...good, id: "x".repeat(2_000) }],
    ["no body", 400, {}, undefined],
    ["a form", 415, { headers: { "content-type": "application/x-www-form-urlencoded" } }, good],
  ] as const) {
    it(`refuses ${name} with ${status} and answers the next`, async (t) => {
      const client = await connect(t, await listen(t, await startFixture(t, "identity-fp32"), { bodyLimit: 1_000 }));
      const got = await ask(client, body, head);
      assert.equal(got.status, status);
      assert.deepEqual(Object.keys(got.body), ["error"]);
      assert.equal((await ask(client, good)).status, 200);
    });
  }

  for (const [name, head] of [
    ["model", { model: "n" }],
    ["revision", { revision: "m-2" }],
    ["namespace", { namespace: "n" }],
  ] as const) {
    it(`refuses what is for another ${name} unbegun, so that it is sent there, and answers the next`, async (t) => {
      const client = await connect(t, await listen(t, await startFixture(t, "identity-fp32")));
      await assert.rejects(ask(client, good, head), { code: "notFound", accepted: false, answered: false });
      assert.equal((await ask(client, good)).status, 200);
    });
  }

  it("does not run a request that is cancelled while it waits", async (t) => {
    const replica = await startFixture(t, "slow");
    const client = await connect(t, await listen(t, replica));
    const running = ask(client, slow(3_000));
    await until("the first runs", () => replica.inflight === 1);
    const body = Buffer.from(JSON.stringify(slow(1_000_000)));
    const heard = () => assert.fail("a cancelled call was answered");
    const nobody = { head: heard, data: heard, end: heard, error: heard };
    const call = client.request(inferHead, body, nobody);
    await until("the second waits", () => replica.inflight === 2);
    call.cancel();
    assert.equal((await running).status, 200);
    assert.equal((await ask(client, slow(1))).status, 200);
    assert.equal(replica.inflight, 0);
  });

  it("drains: says go-away, answers what it accepted, then is done", async (t) => {
    const replica = await startFixture(t, "slow");
    const listener = await listen(t, replica);
    const client = await connect(t, listener);
    const answers = [ask(client, slow(1_000)), ask(client, slow(1))];
    await until("both are accepted", () => replica.inflight === 2);
    const drained = listener.drain();
    await until("go-away arrives", () => client.goingAway);
    await assert.rejects(ask(client, slow(1)), { code: "unavailable", accepted: false });
    for (const answer of answers) assert.equal((await answer).status, 200);
    await drained;
    assert.equal(replica.state, "draining");
  });

  it("inflates a body, within its limit, and compresses an answer for the client the gateway tells of", async (t) => {
    const listener = await listen(t, await startFixture(t, "identity-fp32"), { bodyLimit: 1_000_000 });
    const client = await connect(t, listener);
    const x = tensorJson("x", "FP32", [10_000, 2], new Array(20_000).fill(1.5));
    const text = Buffer.from(JSON.stringify({ inputs: [x] }));
    const send = (body: Buffer, encoding: string) =>
      new Promise<{ status: number; encoding: string | undefined; body: Buffer }>((resolve, reject) => {
        const chunks: Buffer[] = [];
        let head: FrameResponseHead = { status: 0, headers: {} };
        const headers = { "content-type": "application/json", "content-encoding": encoding, "accept-encoding": "gzip" };
        client.request({ ...inferHead, headers }, body, {
          head: (answer) => {
            head = answer;
          },
          data: (chunk) => chunks.push(chunk),
          end: () => resolve({ status: head.status, encoding: head.headers["content-encoding"], body: Buffer.concat(chunks) }),
          error: reject,
        });
      });
    for (const [encoding, compress] of [
      ["gzip", gzipSync],
      ["zstd", zstdCompressSync],
    ] as const) {
      const answer = await send(compress(text), encoding);
      assert.deepEqual([answer.status, answer.encoding], [200, "gzip"]);
      assert.deepEqual(JSON.parse(gunzipSync(answer.body).toString()).outputs, [{ ...x, name: "y" }]);
      assert.equal((await send(compress(Buffer.alloc(1_000_001)), encoding)).status, 413);
      assert.equal((await send(compress(text).subarray(0, 40), encoding)).status, 400);
    }
    assert.equal((await send(text, "br")).status, 415);
  });

  it("holds no more of unfinished bodies than its budget", async (t) => {
    const bodyBudget = new ByteBudget(1_000_000);
    const listener = await listen(t, await startFixture(t, "identity-fp32"), { bodyBudget });
    const client = await connect(t, listener);
    const gate = Promise.withResolvers<void>();
    async function* stalling() {
      yield Buffer.alloc(100_000, " ");
      await gate.promise;
    }
    const statuses: number[] = [];
    const calls = Array.from({ length: 30 }, () =>
      client.request(inferHead, stalling(), {
        head: ({ status }) => statuses.push(status),
        data: () => {},
        end: () => {},
        error: () => {},
      }),
    );
    await until("those without room are refused", () => statuses.length >= 20);
    assert.ok(statuses.every((status) => status === 503));
    assert.ok(bodyBudget.used <= 1_000_000);
    for (const call of calls) call.cancel();
    await until("all is given back", () => bodyBudget.used === 0);
    assert.equal((await ask(client, good)).status, 200);
    await until("all is given back", () => bodyBudget.used === 0);
    gate.resolve();
  });
});
