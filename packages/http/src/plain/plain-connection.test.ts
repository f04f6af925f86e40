import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { silentLog, systemClock, VirtualClock } from "@slipway/base";
import type { Exchange } from "../exchange/exchange.ts";
import type { Route } from "../route/route.ts";
import { loopbackHosts } from "../safety/check-request.ts";
import type { HttpServer, HttpServerOptions } from "../server/http-server.ts";
import { startHttpServer } from "../server/start-http-server.ts";

const limits = { bodyBytes: 1 << 20, bodyMs: 5_000 };
const waiting: Exchange[] = [];
const on = (method: Route["method"], path: string, handler: Route["handler"]): Route => ({
  method,
  path,
  access: { type: "open" },
  limits,
  handler,
});
const routes: Route[] = [
  on("POST", "/echo/:id", async (exchange) => {
    const body = await exchange.readBody();
    exchange.sendJson(200, { id: exchange.params.id, bytes: body.length, type: exchange.headers["content-type"] });
  }),
  on("POST", "/pieces", async (exchange) => {
    const stream = exchange.stream(200, {});
    for await (const chunk of exchange.bodyStream()) await stream.write(chunk);
    await stream.write("end");
    stream.end();
  }),
  on("GET", "/list", (exchange) => exchange.send(200, {}, [Buffer.from("one,"), Buffer.from("two,"), Buffer.from("three")])),
  on("GET", "/wait", (exchange) => {
    waiting.push(exchange);
  }),
  on("GET", "/split", (exchange) => exchange.send(200, { "x-a": "b\r\nset-cookie: c" })),
  on("GET", "/none", (exchange) => exchange.send(204, {})),
];

async function withServer(work: (server: HttpServer, socket: Socket) => Promise<void>, more: Partial<HttpServerOptions> = {}) {
  const options = {
    routes,
    listen: { host: "127.0.0.1", port: 0 },
    allowedHosts: loopbackHosts,
    clock: systemClock,
    log: silentLog,
  };
  const server = await startHttpServer({ ...options, ...more });
  const socket = connect((server.address as { port: number }).port, "127.0.0.1")
    .setEncoding("latin1")
    .setNoDelay(true);
  try {
    await work(server, socket);
  } finally {
    socket.destroy();
    await server.close({ drainMs: 100 });
  }
}

/** Reads until `done` says that it was enough. */
async function received(socket: Socket, done: (text: string) => boolean): Promise<string> {
  let text = "";
  while (!done(text)) text += (await once(socket, "data"))[0];
  return text;
}
const count = (text: string, part: string) => text.split(part).length - 1;
const post = (id: number, body: string) =>
  `POST /echo/${id} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/x${id % 2}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const ids = (text: string) => [...text.matchAll(/"id":"(\d+)"/g)].map((match) => Number(match[1]));

test("a plain connection answers a request cut at any byte", async () => {
  await withServer(async (_server, socket) => {
    const text = post(1, "abc");
    for (let cut = 1; cut < text.length; cut += 1) {
      socket.write(text.slice(0, cut));
      await new Promise(setImmediate);
      socket.write(text.slice(cut));
      assert.match(await received(socket, (got) => got.includes('"text/x1"}')), /^HTTP\/1\.1 200 OK\r\n.*"bytes":3,/s);
    }
  });
});

test("a plain connection answers what is sent ahead in order, and stays in order when the full parser takes over", async () => {
  await withServer(async (_server, socket) => {
    const order = Array.from({ length: 60 }, (_, index) => index);
    // From 40 on with a body that is too large for the quick way.
    const body = (id: number) => "x".repeat(id === 40 ? 100_000 : id);
    socket.write(order.map((id) => post(id, body(id))).join(""));
    const text = await received(socket, (got) => count(got, '"bytes":') === 60);
    assert.deepEqual(ids(text), order);
    assert.match(text, /"id":"40","bytes":100000,"type":"text\/x0"/);
  });
});

test("a plain connection sends pieces and lists as one answer, and no body where there is none", async () => {
  await withServer(async (_server, socket) => {
    socket.write("POST /pieces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nbegin");
    const pieces = await received(socket, (got) => got.includes("0\r\n\r\n"));
    assert.match(pieces, /transfer-encoding: chunked\r\n.*\r\n\r\n5\r\nbegin\r\n3\r\nend\r\n0\r\n\r\n$/s);
    socket.write("GET /list HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert.match(await received(socket, (got) => got.includes("three")), /content-length: 13\r\n.*\r\n\r\none,two,three$/s);
    socket.write("GET /none HTTP/1.1\r\nHost: localhost\r\n\r\nGET /list HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const none = await received(socket, (got) => got.includes("three"));
    assert.match(none, /^HTTP\/1\.1 204 No Content\r\n((?!content-length|transfer-encoding).)*\r\n\r\nHTTP\/1\.1 200/s);
  });
});

test("a client of a plain connection that leaves is noticed while its request is under way", async () => {
  await withServer(async (_server, socket) => {
    waiting.length = 0;
    socket.write("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (waiting.length === 0) await new Promise(setImmediate);
    const { signal } = waiting[0]!;
    assert.equal(waiting[0]!.left, false);
    socket.end();
    if (!signal.aborted) await once(signal, "abort");
    assert.equal(waiting[0]!.left, true);
    waiting[0]!.send(200, {}, "nobody reads it");
  });
});

test("a plain connection is closed when nothing comes for its time, and told so before", async () => {
  await withServer(
    async (_server, socket) => {
      socket.write("GET /list HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assert.match(
        await received(socket, (got) => got.includes("three")),
        /date: .* GMT\r\nconnection: keep-alive\r\nkeep-alive: timeout=1\r\n/,
      );
      await once(socket, "close");
    },
    { timeouts: { idleMs: 1_000 } },
  );
});

test("a part of a request that stays a part is timed by the full parser, and a whole one still answered by it", async () => {
  const clock = new VirtualClock(0);
  await withServer(
    async (server, socket) => {
      socket.write(`${post(1, "ab")}${post(2, "ab").slice(0, -1)}`);
      await received(socket, (got) => got.includes('"id":"1"'));
      // Longer than the quick way waits.
      await clock.advance(1_200);
      socket.write("b");
      const late = await received(socket, (got) => got.includes('"bytes":'));
      assert.deepEqual(ids(late), [2]);
      assert.match(late, /\r\nDate: /, "as Node spells it");
      socket.write("GET /list HTTP/1.1\r\nHo");
      assert.match(await received(socket, (got) => got.includes("\r\n\r\n")), /^HTTP\/1\.1 408 /);
      assert.equal(server.counters.slowClients, 1);
    },
    { clock, timeouts: { headersMs: 500 } },
  );
});

test("a drain ends plain connections: idle ones at once, the other with its answer", async () => {
  await withServer(async (server, socket) => {
    waiting.length = 0;
    const idle = connect((server.address as { port: number }).port, "127.0.0.1");
    idle.write("GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(idle, "data");
    socket.write("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (waiting.length === 0) await new Promise(setImmediate);
    const closed = server.close({ drainMs: 5_000 });
    await once(idle, "close");
    waiting[0]!.send(200, {}, "last");
    assert.match(await received(socket, (got) => got.endsWith("last")), /connection: close\r\n/);
    await closed;
  });
});

test("a header's value never begins another line of an answer", async () => {
  await withServer(async (server, socket) => {
    socket.write("GET /split HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const text = await received(socket, (got) => got.includes("}"));
    assert.match(text, /^HTTP\/1\.1 500 /);
    assert.doesNotMatch(text, /set-cookie/);
    assert.equal(server.counters.serverErrors, 1);
  });
});
