import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { silentLog, systemClock } from "@slipway/base";
import type { Route } from "../route/route.ts";
import { loopbackHosts } from "../safety/check-request.ts";
import type { HttpServer, HttpServerOptions } from "./http-server.ts";
import { startHttpServer } from "./start-http-server.ts";

const open = { type: "open" } as const;
const limits = { bodyBytes: 1_000, bodyMs: 200 };
let bodies = 0;

const routes: Route[] = [
  {
    method: "GET",
    path: "/ok",
    access: open,
    limits,
    handler: (exchange) => exchange.sendJson(200, { headers: Object.keys(exchange.headers) }),
  },
  {
    method: "POST",
    path: "/echo/:id",
    access: open,
    limits: { ...limits, bodyBytes: 200_000 },
    handler: async (exchange) => {
      const body = await exchange.readBody();
      bodies += 1;
      exchange.sendJson(200, { id: exchange.params.id, bytes: body.length });
    },
  },
  {
    method: "POST",
    path: "/small",
    access: open,
    limits,
    handler: async (exchange) => {
      exchange.sendJson(200, { bytes: (await exchange.readBody()).length });
    },
  },
  {
    method: "POST",
    path: "/hurried",
    access: open,
    limits: { ...limits, bodyMs: 60_000 },
    handler: async (exchange) => {
      exchange.hurryBody(100);
      exchange.sendJson(200, { bytes: (await exchange.readBody()).length });
    },
  },
  { method: "GET", path: "/big", access: open, limits, handler: (exchange) => exchange.send(200, {}, Buffer.alloc(64 << 20)) },
];

async function withServer(work: (server: HttpServer, port: number) => Promise<void>, more: Partial<HttpServerOptions> = {}) {
  const server = await startHttpServer({
    routes,
    listen: { host: "127.0.0.1", port: 0 },
    allowedHosts: loopbackHosts,
    clock: systemClock,
    log: silentLog,
    // A port that also speaks gRPC looks at first bytes before HTTP/1.1 does: nothing may be different.
    grpc: { load: async () => [], messageBytes: 1_000, messageMs: 200 },
    ...more,
  });
  try {
    await work(server, (server.address as { port: number }).port);
    // Whatever happened, the next good request succeeds.
    const answer = await exchangeRaw(
      (server.address as { port: number }).port,
      "GET /ok HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert.match(answer, /^HTTP\/1.1 200 /);
  } finally {
    await server.close({ drainMs: 100 });
  }
}

/** Sends bytes and resolves with everything that came back once the server has closed. */
function exchangeRaw(port: number, text: string, onOpen: (socket: Socket) => void = () => {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      received += chunk;
    });
    socket.once("connect", () => {
      socket.write(text);
      onOpen(socket);
    });
    const cancel = systemClock.after(10_000, () => socket.destroy(new Error(`no close; received ${received}`)));
    socket.once("error", reject).once("close", () => {
      cancel();
      resolve(received);
    });
  });
}

/** Every answer, split at its status line; each must be JSON with an error when it is one. */
function statuses(received: string): number[] {
  const answers = received.split(/(?=HTTP\/1\.1 \d{3} )/);
  return answers.map((answer) => {
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
    const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
    if (status >= 400) assert.equal(typeof JSON.parse(body).error, "string", answer);
    return status;
  });
}

const host = "Host: localhost\r\n";
const refused: [string, string, number][] = [
  [
    "A1 length and chunked",
    `POST /echo/1 HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ["A2 two lengths", `POST /echo/1 HTTP/1.1\r\n${host}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`, 400],
  ["A2 list of lengths", `POST /echo/1 HTTP/1.1\r\n${host}Content-Length: 4, 4\r\n\r\nabcd`, 400],
  ["A2 signed length", `POST /echo/1 HTTP/1.1\r\n${host}Content-Length: +4\r\n\r\nabcd`, 400],
  ["A4 two hosts", `GET /ok HTTP/1.1\r\n${host}${host}\r\n`, 400],
  ["A4 two hosts, other case", `GET /ok HTTP/1.1\r\n${host}hOST: localhost\r\n\r\n`, 400],
  ["no host", "GET /ok HTTP/1.1\r\n\r\n", 400],
  ["empty host", "GET /ok HTTP/1.1\r\nHost:\r\n\r\n", 400],
  ["A5 absolute target, other host", `GET http://127.0.0.1/ok HTTP/1.1\r\n${host}\r\n`, 400],
  ["A5 absolute target, other scheme", `GET https://localhost/ok HTTP/1.1\r\n${host}\r\n`, 400],
  ["A5 absolute target with user", `GET http://a@localhost/ok HTTP/1.1\r\n${host}\r\n`, 400],
  ["asterisk target", `OPTIONS * HTTP/1.1\r\n${host}\r\n`, 400],
  [
    "A16 h2c",
    `GET /ok HTTP/1.1\r\n${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n`,
    400,
  ],
  [
    "A16 WebSocket",
    `GET /ok HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    400,
  ],
  ["A16 HTTP/2 preface with a wrong end", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r!", 400],
  ["A19 CONNECT", `CONNECT localhost:80 HTTP/1.1\r\n${host}\r\n`, 405],
  ["not HTTP", "\u0016\u0003\u0001\r\n\r\n", 400],
  ["obsolete line folding", `GET /ok HTTP/1.1\r\n${host}A: b\r\n c\r\n\r\n`, 400],
  ["space before colon", `GET /ok HTTP/1.1\r\n${host}A : b\r\n\r\n`, 400],
  ["bare LF", `GET /ok HTTP/1.1\nHost: localhost\n\n`, 400],
  ["huge header", `GET /ok HTTP/1.1\r\n${host}A: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ["bad chunk", `POST /echo/1 HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n`, 400],
  ["A7 short body, then silence", `POST /echo/1 HTTP/1.1\r\n${host}Content-Length: 9\r\n\r\nabc`, 408],
  ["A11 a body slower than its handler allows", `POST /hurried HTTP/1.1\r\n${host}Content-Length: 9\r\n\r\nabc`, 408],
  ["length above the limit", `POST /small HTTP/1.1\r\n${host}Content-Length: 1001\r\n\r\n`, 413],
  ["chunks above the limit", `POST /small HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n3e9\r\n${"x".repeat(1001)}`, 413],
  ["compressed body", `POST /small HTTP/1.1\r\n${host}Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n`, 415],
  ["gRPC over HTTP/1.1", `POST /small HTTP/1.1\r\n${host}Content-Type: application/grpc+proto\r\nConnection: close\r\n\r\n`, 415],
  ["L3 foreign host", "GET /ok HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421],
  ["L3 host with trailing dot", "GET /ok HTTP/1.1\r\nHost: localhost.\r\n\r\n", 421],
  ["L3 unspecified address", "GET /ok HTTP/1.1\r\nHost: 0.0.0.0\r\n\r\n", 421],
  ["L3 host with junk", "GET /ok HTTP/1.1\r\nHost: localhost:80:80\r\n\r\n", 421],
  ["L2 foreign origin", `POST /small HTTP/1.1\r\n${host}Origin: http://evil.example\r\nContent-Length: 0\r\n\r\n`, 421],
  ["L2 null origin", `POST /small HTTP/1.1\r\n${host}Origin: null\r\nContent-Length: 0\r\n\r\n`, 421],
];

for (const [name, text, status] of refused) {
  test(`framing: ${name} is answered ${status} and the connection ends`, async () => {
    await withServer(async (server, port) => {
      const before = bodies;
      assert.deepEqual(statuses(await exchangeRaw(port, text)), [status]);
      assert.equal(bodies, before, "no handler got a body");
      assert.ok(server.counters.clientErrors > 0 || server.counters.slowClients > 0);
    });
  });

  test(`framing: ${name} is answered ${status} also behind requests that leave nothing to interpret`, async () => {
    await withServer(async (_server, port) => {
      const plain = `GET /ok HTTP/1.1\r\n${host}\r\n`;
      // An HTTP/2 preface is one only at the very beginning; here it is a request of an unknown method.
      assert.deepEqual(statuses(await exchangeRaw(port, `${plain}${plain}${text}`)), [200, 200, status]);
    });
  });
}

const accepted: [string, string][] = [
  ["name and port", "GET /ok HTTP/1.1\r\nHost: localhost:12345\r\n"],
  ["other case", "GET /ok HTTP/1.1\r\nHost: LocalHost\r\n"],
  ["IPv4", "GET /ok HTTP/1.1\r\nHost: 127.0.0.1\r\n"],
  ["IPv6 with port", "GET /ok HTTP/1.1\r\nHost: [::1]:80\r\n"],
  ["absolute target", "GET http://localhost/ok?x=1 HTTP/1.1\r\nHost: localhost\r\n"],
  ["own origin", "GET /ok HTTP/1.1\r\nHost: localhost:99\r\nOrigin: http://localhost:99\r\n"],
  ["method override is ignored", "GET /ok HTTP/1.1\r\nHost: localhost\r\nX-HTTP-Method-Override: DELETE\r\n"],
  ["HTTP/1.0 with Host", "GET /ok HTTP/1.0\r\nHost: localhost\r\n"],
];

for (const [name, text] of accepted) {
  test(`framing: ${name} is served`, async () => {
    await withServer(async (_server, port) => {
      assert.deepEqual(statuses(await exchangeRaw(port, `${text}Connection: close\r\n\r\n`)), [200]);
    });
  });
}

test("framing: A17 what only a proxy may say does not reach a handler", async () => {
  await withServer(async (_server, port) => {
    const answer = await exchangeRaw(
      port,
      `GET /ok HTTP/1.1\r\n${host}X-Forwarded-For: 1.2.3.4\r\nFORWARDED: for=1\r\nX-Remote-User: root\r\nX-Slipway-Namespace: a\r\nX-Trace: kept\r\nConnection: close\r\n\r\n`,
    );
    assert.deepEqual(JSON.parse(answer.slice(answer.indexOf("{"))).headers, ["host", "x-trace", "connection"]);
  });
});

test("framing: A19 TRACE and unknown methods of a route are refused with what it allows", async () => {
  await withServer(async (_server, port) => {
    for (const method of ["TRACE", "DELETE", "HEAD"]) {
      const answer = await exchangeRaw(port, `${method} /echo/1 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 405 /);
      assert.match(answer, /\r\nallow: POST\r\n/);
    }
  });
});

test("framing: HEAD of a GET route has headers and no body", async () => {
  await withServer(async (_server, port) => {
    const answer = await exchangeRaw(port, `HEAD /ok HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.match(answer, /content-length: [1-9]/);
    assert.ok(answer.endsWith("\r\n\r\n"));
  });
});

test("framing: A8 a client that leaves in mid-body reaches no handler and is counted", async () => {
  await withServer(async (server, port) => {
    const before = bodies;
    await exchangeRaw(port, `POST /echo/1 HTTP/1.1\r\n${host}Content-Length: 9\r\n\r\nabc`, (socket) => socket.end());
    assert.equal(bodies, before);
    assert.ok(server.counters.clientErrors > 0);
  });
});

test("framing: A10 headers that dribble are cut in time", async () => {
  await withServer(
    async (server, port) => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => exchangeRaw(port, "GET /ok HTTP/1.1\r\nHo")));
      for (const answer of answers) assert.deepEqual(statuses(answer), [408]);
      assert.equal(server.counters.slowClients, 20);
    },
    { timeouts: { headersMs: 200 } },
  );
});

test("framing: A11 a client that does not read its answer is cut", async () => {
  const cut = Promise.withResolvers<void>();
  // The stall deadline of 64 MiB is more than an hour; here it passes in 100 ms.
  const stallMs = 3_600_000;
  const clock: typeof systemClock = {
    ...systemClock,
    after(ms, callback) {
      if (ms < stallMs) return systemClock.after(ms, callback);
      return systemClock.after(100, () => {
        callback();
        cut.resolve();
      });
    },
  };
  await withServer(
    async (server, port) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(`GET /big HTTP/1.1\r\n${host}\r\n`);
      socket.pause();
      await cut.promise;
      socket.destroy();
      assert.equal(server.counters.slowClients, 1);
    },
    { clock },
  );
});

test("framing: A13 100,000 one-byte chunks are one body", async () => {
  await withServer(
    async (_server, port) => {
      const text = `POST /echo/7 HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${"1\r\nx\r\n".repeat(100_000)}0\r\n\r\n`;
      const answer = await exchangeRaw(port, text);
      assert.match(answer, /\{"id":"7","bytes":100000\}$/);
    },
    { routes: routes.map((route) => ({ ...route, limits: { ...route.limits, bodyMs: 10_000 } })) },
  );
});

test("framing: A20 connections above the cap are told 503 and room is made when others close", async () => {
  await withServer(
    async (server, port) => {
      const idle = await Promise.all(
        Array.from(
          { length: 3 },
          () =>
            new Promise<Socket>((resolve) => {
              const socket = connect(port, "127.0.0.1", () => resolve(socket));
            }),
        ),
      );
      const answer = await exchangeRaw(port, `GET /ok HTTP/1.1\r\n${host}\r\n`, (socket) =>
        socket.once("end", () => socket.end()),
      );
      assert.deepEqual(statuses(answer), [503]);
      assert.match(answer, /retry-after: 1\r\n/);
      assert.equal(server.counters.refusedConnections, 1);
      await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once("close", resolve).destroy())));
      const deadline = systemClock.monotonic() + 5_000;
      let last = "";
      while (!last.startsWith("HTTP/1.1 200") && systemClock.monotonic() < deadline) {
        last = await exchangeRaw(port, `GET /ok HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
      }
      assert.deepEqual(statuses(last), [200]);
    },
    { maxConnections: 3 },
  );
});

test("framing: A22 pipelined requests are answered in order, an error ends the line", async () => {
  await withServer(async (_server, port) => {
    const good = (id: number) => `POST /echo/${id} HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\nab`;
    const answer = await exchangeRaw(
      port,
      `${good(1)}${good(2)}GET /nope HTTP/1.1\r\n${host}\r\n${good(3)}BROKEN\r\n\r\n${good(4)}`,
    );
    assert.deepEqual(statuses(answer), [200, 200, 404, 200, 400]);
    assert.deepEqual(
      [...answer.matchAll(/"id":"(\d)"/g)].map((match) => match[1]),
      ["1", "2", "3"],
    );
  });
});

test("framing: an unread body is not taken for the next request", async () => {
  await withServer(async (_server, port) => {
    const inner = `GET /ok HTTP/1.1\r\n${host}\r\n`;
    const answer = await exchangeRaw(port, `POST /small HTTP/1.1\r\n${host}Content-Length: 5000\r\n\r\n${inner}`);
    assert.deepEqual(statuses(answer), [413]);
  });
});

test("framing: Expect: 100-continue is answered before the body, and refused without reading it", async () => {
  await withServer(async (_server, port) => {
    const expect = "Expect: 100-continue\r\nConnection: close\r\n";
    const answer = await exchangeRaw(port, `POST /small HTTP/1.1\r\n${host}${expect}Content-Length: 2\r\n\r\n`, (socket) =>
      socket.once("data", () => socket.write("ab")),
    );
    assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    const large = await exchangeRaw(port, `POST /small HTTP/1.1\r\n${host}${expect}Content-Length: 5000\r\n\r\n`);
    assert.deepEqual(statuses(large), [413]);
    const other = await exchangeRaw(
      port,
      `POST /small HTTP/1.1\r\n${host}Expect: magic\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
    assert.deepEqual(statuses(other), [400]);
  });
});
