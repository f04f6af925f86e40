import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { ByteBudget, silentLog, systemClock } from "@slipway/base";
import { startFixture, tensorJson } from "../../fixtures/start-fixture.ts";
import type { InferenceAnswer, InferenceTarget, Replica } from "../index.ts";
import { serveHttp } from "../index.ts";
import { until } from "./testing/until.ts";

const good = JSON.stringify({ inputs: [tensorJson("x", "FP32", [1, 2], [1.5, -2])] });
const slow = (rounds: number) => JSON.stringify({ inputs: [tensorJson("rounds", "INT64", [1], [rounds])] });

async function serve(t: TestContext, target: InferenceTarget, bodyBudget = new ByteBudget(1 << 30)) {
  const options = { port: 0, version: "1", clock: systemClock, log: silentLog, bodyBudget };
  const server = await serveHttp(target, options);
  t.after(() => server.close({ drainMs: 0 }));
  assert.ok("url" in server.address);
  return { url: server.address.url, port: server.address.port };
}

function infer(url: string, body: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/v2/models/m/infer`, { method: "POST", headers, body });
}

/** Begins a request and sends `body` of the `length` bytes it announces. */
async function begin(t: TestContext, port: number, length: number, body: Uint8Array | string): Promise<Socket & { got: string }> {
  const socket = Object.assign(connect(port, "127.0.0.1"), { got: "" });
  t.after(() => socket.destroy());
  socket.on("data", (chunk: Buffer) => (socket.got += chunk.toString("latin1"))).on("error", () => {});
  await once(socket, "connect");
  socket.write(`POST /v2/models/m/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${length}\r\n\r\n`);
  socket.write(body);
  return socket;
}

/** The replica, with the statuses of what it answered. */
function recording(replica: Replica): InferenceTarget & { statuses: number[] } {
  const statuses: number[] = [];
  return {
    statuses,
    identity: replica.identity,
    speaksOpenai: false,
    openai: () => replica.openai(),
    notReady: () => replica.notReady(),
    answerError: (error, headers) => replica.answerError(error, headers),
    async handle(call): Promise<InferenceAnswer> {
      const answer = await replica.handle(call);
      statuses.push(answer.status);
      return answer;
    },
  };
}

describe("slow clients", () => {
  it("A11 hold no more memory together than the budget; who comes then is told 503, and others are served", async (t) => {
    const budget = new ByteBudget(1_000_000);
    const { url, port } = await serve(t, await startFixture(t, "identity-fp32"), budget);
    const part = Buffer.alloc(20_000, " ");
    const stalled = await Promise.all(Array.from({ length: 200 }, () => begin(t, port, 30_000, part)));
    const refused = () => stalled.filter(({ got }) => got.startsWith("HTTP/1.1 503"));
    await until("those without room are refused", () => refused().length >= 150);
    assert.ok(budget.used <= 1_000_000 && budget.used >= 900_000, `${budget.used} bytes are held`);
    for (const { got } of refused()) assert.match(got, /retry-after: 1\r\n.*too many large requests/s);
    // What announces a body and sends none of it costs nothing.
    await Promise.all(Array.from({ length: 200 }, () => begin(t, port, 60_000_000, "")));
    assert.ok(budget.used <= 1_000_000);
    assert.equal((await fetch(`${url}/v2/health/ready`)).status, 200);
    for (const socket of stalled) socket.destroy();
    await until("all is given back", () => budget.used === 0);
    assert.equal((await infer(url, good)).status, 200);
    await until("all is given back", () => budget.used === 0);
  });

  it("frees the place of a client that leaves, and does not run what had not begun", async (t) => {
    const replica = await startFixture(t, "slow", { queueLimit: 1 });
    const target = recording(replica);
    const { url, port } = await serve(t, target);
    const running = infer(url, slow(20_000));
    await until("the first runs", () => replica.inflight === 1);
    const waiting = await begin(t, port, slow(20_000).length, slow(20_000));
    await until("the second waits", () => replica.inflight === 2);
    waiting.destroy();
    // Its place is free as soon as the server hears of it, long before the first one ends.
    let next = await infer(url, slow(1));
    for (let tries = 0; next.status === 429 && tries < 100; tries += 1) next = await infer(url, slow(1));
    assert.equal(next.status, 200);
    assert.equal((await running).status, 200);
    const ran = target.statuses.filter((status) => status !== 429);
    assert.deepEqual(ran.toSorted(), [200, 200, 499]);
  });

  it("does not begin what a client sent and left at once", async (t) => {
    const replica = await startFixture(t, "slow");
    const target = recording(replica);
    const { url, port } = await serve(t, target);
    const running = infer(url, slow(20_000));
    await until("the first runs", () => replica.inflight === 1);
    const others = await Promise.all(Array.from({ length: 50 }, () => begin(t, port, slow(1_000).length, slow(1_000))));
    await until("fifty wait", () => replica.inflight === 51);
    for (const socket of others) socket.destroy();
    assert.equal((await running).status, 200);
    await until("nothing waits", () => replica.inflight === 0);
    await until("all were answered", () => target.statuses.length === 51);
    assert.equal(target.statuses.filter((status) => status === 200).length, 1);
  });
});
