import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import type { FrameRequest } from "@slipway/protocol";
import { type Platform, startPlatform, until } from "../testing/start-platform.ts";

const infer = "/v2/models/digits/infer";
const mebibyte = 1024 * 1024;

function bytes(length: number): Buffer {
  const made = Buffer.alloc(length);
  for (let at = 0; at < length; at++) made[at] = (at * 31 + (at >> 8)) & 255;
  return made;
}

/** Sends a request and gives its answer as soon as its head is there, unread. */
function open(platform: Platform, body: Buffer | undefined, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${platform.gateway.address.url}${infer}`, { method: "POST", headers }, resolve);
    request.on("error", reject);
    request.end(body);
  });
}

async function hash(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of chunks) digest.update(chunk);
  return digest.digest("hex");
}

const sha256 = (body: Buffer) => createHash("sha256").update(body).digest("hex");

async function withReplica(platform: Platform, handler: (request: FrameRequest) => void): Promise<void> {
  const replica = await platform.replica("a", handler);
  await platform.publish("digits", [{ name: "r", percent: 100, replicas: [replica] }]);
}

describe("bodies through the gateway", () => {
  it("arrive unchanged both ways, below and above what is kept, with and without a length", async (test) => {
    const platform = await startPlatform(test);
    await withReplica(platform, (request) => request.respond({ status: 200, headers: {} }, request.body));
    for (const size of [0, 1, 70_000, mebibyte, mebibyte + 1, 9 * mebibyte]) {
      for (const headers of [{ "content-length": String(size) }, { "transfer-encoding": "chunked" }]) {
        const body = bytes(size);
        const answer = await open(platform, body, headers);
        assert.equal(answer.statusCode, 200);
        assert.equal(await hash(answer), sha256(body), `${size} ${Object.keys(headers)}`);
      }
    }
    await until("nothing is kept", () => platform.gateway.stats().keptBytes === 0);
  });

  it("are refused above the limit, told or found out on the way", async (test) => {
    const platform = await startPlatform(test, { bodyBytes: 2 * mebibyte });
    const replica = await platform.replica("a", (request) => void request.body.whole(1e9).catch(() => {}));
    await platform.publish("digits", [{ name: "r", percent: 100, replicas: [replica] }]);
    const body = bytes(2 * mebibyte + 1);
    assert.equal((await open(platform, body, { "content-length": String(body.length) })).statusCode, 413);
    assert.equal((await open(platform, body, { "transfer-encoding": "chunked" })).statusCode, 413);
    await until("nothing is left", () => platform.gateway.stats().inflight === 0);
    assert.equal(platform.gateway.stats().keptBytes, 0);
  });

  it("are pulled from the client only as fast as the replica reads", async (test) => {
    const platform = await startPlatform(test);
    const waiting: FrameRequest[] = [];
    await withReplica(platform, (request) => waiting.push(request));
    const size = 64 * mebibyte;
    const chunk = bytes(64 * 1024);
    let sent = 0;
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest(
        `${platform.gateway.address.url}${infer}`,
        { method: "POST", headers: { "content-length": String(size) } },
        resolve,
      );
      request.on("error", reject);
      const write = () => {
        while (sent < size) {
          sent += chunk.length;
          if (!request.write(chunk)) {
            request.once("drain", write);
            return;
          }
        }
        request.end();
      };
      write();
    });
    await until("the request is there", () => waiting.length === 1);
    let before = -1;
    // The client stops when every buffer on the way is full: turns pass without a byte.
    for (let quiet = 0; quiet < 200; quiet = sent === before ? quiet + 1 : 0) {
      before = sent;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    assert.ok(sent < 16 * mebibyte, `${sent} bytes left the client`);
    const digest = createHash("sha256");
    for (let at = 0; at < size; at += chunk.length) digest.update(chunk);
    const received = await hash(waiting[0]!.body);
    waiting[0]!.respond({ status: 200, headers: {} }, Buffer.from(received));
    const got = await answer;
    assert.equal(Buffer.concat(await got.toArray()).toString(), digest.digest("hex"));
  });

  it("are produced only as fast as a slow client reads, while others are served", async (test) => {
    const platform = await startPlatform(test);
    let produced = 0;
    const chunk = bytes(64 * 1024);
    const total = 64 * mebibyte;
    await withReplica(platform, (request) => {
      if (request.head.path !== "infer") request.respond({ status: 200, headers: {} }, Buffer.from("{}"));
      else
        request.respond(
          { status: 200, headers: { "content-length": String(total) } },
          (async function* () {
            while (produced < total) {
              produced += chunk.length;
              yield chunk;
            }
          })(),
        );
    });
    const slow = await open(platform, Buffer.from("x"));
    assert.equal(slow.headers["content-length"], String(total));
    let before = -1;
    for (let quiet = 0; quiet < 20; quiet = produced === before ? quiet + 1 : 0) {
      before = produced;
      assert.equal((await platform.call("/v2/models/digits")).text, "{}");
    }
    assert.ok(produced < 16 * mebibyte, `${produced} bytes were produced`);
    let received = 0;
    for await (const part of slow) received += (part as Buffer).length;
    assert.equal(received, total);
    assert.equal(platform.gateway.stats().answered, platform.gateway.stats().requests);
  });

  it("reach the client chunk by chunk as the replica makes them", async (test) => {
    const platform = await startPlatform(test);
    let next: () => void = () => {};
    await withReplica(platform, (request) =>
      request.respond(
        { status: 200, headers: { "content-type": "text/event-stream" } },
        (async function* () {
          for (let token = 0; token < 3; token++) {
            yield Buffer.from(`token ${token};`);
            await new Promise<void>((resolve) => {
              next = resolve;
            });
          }
        })(),
      ),
    );
    const answer = await open(platform, Buffer.from("x"));
    let text = "";
    answer.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    for (let token = 0; token < 3; token++) {
      await until(`token ${token}`, () => text.endsWith(`token ${token};`));
      next();
    }
    await until("the end", () => answer.complete);
  });

  it("end early when the replica answers before it has read all", async (test) => {
    const platform = await startPlatform(test);
    await withReplica(platform, (request) => request.respond({ status: 413, headers: {} }, Buffer.from("too much")));
    const answer = await open(platform, bytes(8 * mebibyte), { "content-length": String(8 * mebibyte) });
    assert.equal(answer.statusCode, 413);
    assert.equal(Buffer.concat(await answer.toArray()).toString(), "too much");
    await until("nothing is left", () => platform.gateway.stats().inflight === 0);
  });
});
