import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, get, request as plainRequest } from "node:http";
import { get as secureGet } from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { createLog, SlipwayError, silentLog, systemClock } from "@slipway/base";
import { issueLoopbackCertificate } from "../certificate/issue-loopback-certificate.ts";
import type { Handler, Route } from "../route/route.ts";
import { loopbackHosts } from "../safety/check-request.ts";
import type { HttpServer, HttpServerOptions } from "./http-server.ts";
import { startHttpServer } from "./start-http-server.ts";

const limits = { bodyBytes: 1 << 20, bodyMs: 5_000 };
const on = (path: string, handler: Handler, more: Partial<Route> = {}): Route => ({
  method: "GET",
  path,
  access: { type: "open" },
  limits,
  handler,
  ...more,
});

async function withServer(
  routes: Route[],
  work: (url: string, server: HttpServer) => Promise<void>,
  more: Partial<HttpServerOptions> = {},
) {
  const server = await startHttpServer({
    routes,
    listen: { host: "127.0.0.1", port: 0 },
    allowedHosts: loopbackHosts,
    clock: systemClock,
    log: silentLog,
    ...more,
  });
  try {
    await work((server.address as { url: string }).url, server);
  } finally {
    await server.close({ drainMs: 200 });
  }
}

test("startHttpServer gives the handler parameters, query, headers and body", async () => {
  const route = on(
    "/things/:name",
    async (exchange) => {
      const body = await exchange.readBody();
      exchange.sendJson(201, {
        params: exchange.params,
        q: exchange.query.get("q"),
        kind: exchange.headers["content-type"],
        body: body.toString(),
      });
    },
    { method: "POST" },
  );
  await withServer([route], async (url) => {
    const answer = await fetch(`${url}/things/a%20b?q=1%202`, {
      method: "POST",
      body: "hello",
      headers: { "content-type": "text/x" },
    });
    assert.equal(answer.status, 201);
    assert.deepEqual(await answer.json(), { params: { name: "a b" }, q: "1 2", kind: "text/x", body: "hello" });
  });
});

test("startHttpServer answers exactly at the body limit and not one byte above it", async () => {
  const route = on("/", async (exchange) => exchange.sendJson(200, (await exchange.readBody()).length), {
    method: "POST",
    limits: { bodyBytes: 100_000, bodyMs: 5_000 },
  });
  await withServer([route], async (url) => {
    for (const [size, status] of [
      [99_999, 200],
      [100_000, 200],
      [100_001, 413],
    ] as const) {
      const answer = await fetch(url, { method: "POST", body: Buffer.alloc(size) });
      assert.equal(answer.status, status, `${size}`);
      await answer.text();
    }
  });
});

test("startHttpServer streams a body in and an answer out at the reader's pace", async () => {
  const route = on(
    "/",
    async (exchange) => {
      const answer = exchange.stream(200, {});
      for await (const chunk of exchange.bodyStream()) await answer.write(chunk);
      answer.end();
    },
    { method: "POST", limits: { bodyBytes: 1 << 24, bodyMs: 5_000 } },
  );
  await withServer([route], async (url) => {
    const sent = Buffer.alloc(4 << 20, "slipway");
    // fetch sends the whole body before it reads, so the pipe must be drained from both ends.
    const received = await new Promise<Buffer>((resolve, reject) => {
      const request = plainRequest(url, { method: "POST" }, (answer) => {
        const chunks: Buffer[] = [];
        answer
          .on("data", (chunk: Buffer) => chunks.push(chunk))
          .on("end", () => resolve(Buffer.concat(chunks)))
          .on("error", reject);
      });
      request.on("error", reject).end(sent);
    });
    assert.ok(received.equals(sent));
  });
});

test("startHttpServer requires a token where the route says so", async () => {
  const route = on("/secret", (exchange) => exchange.sendJson(200, exchange.user), { access: { type: "token" } });
  const authenticate = (token: string) => (token === "good" ? { name: "ada", groups: ["admins"] } : undefined);
  await withServer(
    [route],
    async (url) => {
      for (const authorization of [undefined, "Bearer bad", "Basic good", "good", "Bearer good extra"]) {
        const answer = await fetch(`${url}/secret`, authorization === undefined ? {} : { headers: { authorization } });
        assert.equal(answer.status, 401, `${authorization}`);
        assert.equal(answer.headers.get("www-authenticate"), "Bearer");
        assert.match(((await answer.json()) as { error: string }).error, /token/);
      }
      const answer = await fetch(`${url}/secret`, { headers: { authorization: "Bearer good" } });
      assert.deepEqual(await answer.json(), { name: "ada", groups: ["admins"] });
    },
    { authenticate },
  );
  await assert.rejects(
    startHttpServer({
      routes: [route],
      listen: { host: "127.0.0.1", port: 0 },
      allowedHosts: loopbackHosts,
      clock: systemClock,
      log: silentLog,
    }),
    /nothing authenticates/,
  );
});

test("startHttpServer says what a SlipwayError says and nothing of any other error, which it logs", async () => {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), clock: systemClock });
  const routes = [
    on("/busy", () => {
      throw new SlipwayError("overloaded", "The queue is full.", { retryAfter: 1.2, hint: "Try later." });
    }),
    on("/broken", async () => {
      throw new Error("secret detail in /some/path");
    }),
  ];
  await withServer(
    routes,
    async (url, server) => {
      const busy = await fetch(`${url}/busy`);
      assert.equal(busy.status, 429);
      assert.equal(busy.headers.get("retry-after"), "2");
      assert.deepEqual(await busy.json(), { error: "The queue is full.", hint: "Try later." });
      const broken = await fetch(`${url}/broken`);
      assert.equal(broken.status, 500);
      assert.deepEqual(await broken.json(), { error: "An internal error occurred." });
      const id = broken.headers.get("x-request-id") ?? "";
      assert.ok(lines.some((line) => line.includes(id) && line.includes("secret detail")));
      assert.equal(server.counters.serverErrors, 1);
    },
    { log },
  );
});

test("startHttpServer aborts the exchange's signal when the client leaves", async () => {
  let abortedWith = "";
  const started = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const route = on("/slow", (exchange) => {
    exchange.signal.addEventListener("abort", () => {
      abortedWith = SlipwayError.from(exchange.signal.reason).code;
      aborted.resolve();
    });
    started.resolve();
  });
  await withServer([route], async (url) => {
    const controller = new AbortController();
    const answer = fetch(`${url}/slow`, { signal: controller.signal });
    await started.promise;
    controller.abort();
    await assert.rejects(answer);
    await aborted.promise;
    assert.equal(abortedWith, "cancelled");
  });
});

test("startHttpServer drains: what is under way finishes, idle connections close, new ones are refused", async () => {
  const release = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const closing = Promise.withResolvers<void>();
  const routes = [
    on("/slow", async (exchange) => {
      exchange.closing.addEventListener("abort", () => closing.resolve());
      started.resolve();
      await release.promise;
      exchange.sendJson(200, "finished");
    }),
    on("/quick", (exchange) => exchange.sendJson(200, "quick")),
  ];
  const agent = new Agent({ keepAlive: true });
  await withServer(routes, async (url, server) => {
    await new Promise<void>((resolve, reject) => {
      get(`${url}/quick`, { agent }, (answer) => answer.resume().on("end", resolve)).on("error", reject);
    });
    const slow = fetch(`${url}/slow`);
    await started.promise;
    const closed = server.close({ drainMs: 5_000 });
    await closing.promise;
    await assert.rejects(fetch(`${url}/quick`));
    release.resolve();
    const answer = await slow;
    assert.equal(await answer.json(), "finished");
    assert.equal(answer.headers.get("connection"), "close");
    await closed;
  });
  agent.destroy();
});

test("startHttpServer ends its drain when the last answer does, also one that began before", async () => {
  const release = Promise.withResolvers<void>();
  const route = on("/", async (exchange) => {
    const answer = exchange.stream(200, {});
    await answer.write("begun");
    await release.promise;
    answer.end();
  });
  await withServer([route], async (url, server) => {
    const answer = await fetch(url);
    // Longer than the test may take: only the end of the answer ends the drain.
    const closed = server.close({ drainMs: 600_000 });
    release.resolve();
    assert.equal(await answer.text(), "begun");
    await closed;
  });
});

test("startHttpServer cuts what does not finish within the drain", async () => {
  const started = Promise.withResolvers<void>();
  await withServer([on("/never", () => started.resolve())], async (url, server) => {
    const never = fetch(`${url}/never`);
    const outcome = assert.rejects(never);
    await started.promise;
    await server.close({ drainMs: 20 });
    await outcome;
  });
});

test("startHttpServer names a port in use and the way out", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  try {
    await assert.rejects(
      startHttpServer({
        routes: [],
        listen: { host: "127.0.0.1", port, portHint: "Choose another with --gateway-port." },
        allowedHosts: loopbackHosts,
        clock: systemClock,
        log: silentLog,
      }),
      (error: unknown) =>
        error instanceof SlipwayError &&
        error.code === "conflict" &&
        error.message.includes(`${port}`) &&
        error.hint === "Choose another with --gateway-port.",
    );
  } finally {
    other.close();
  }
});

test("startHttpServer listens on a Unix socket, replaces a left-over one and leaves a live one alone", async () => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-http-"));
  const path = join(directory, "s.sock");
  const start = () =>
    startHttpServer({
      routes: [on("/", (exchange) => exchange.sendJson(200, "here"))],
      listen: { path },
      allowedHosts: "any",
      clock: systemClock,
      log: silentLog,
    });
  const server = await start();
  try {
    await assert.rejects(start(), /in use/);
    const body = await new Promise<string>((resolve, reject) => {
      get({ socketPath: path, path: "/", headers: { host: "anything" } }, (answer) =>
        answer.setEncoding("utf8").on("data", resolve),
      ).on("error", reject);
    });
    assert.equal(body, '"here"');
  } finally {
    await server.close({ drainMs: 100 });
    await rm(directory, { recursive: true });
  }
});

test("startHttpServer speaks TLS with the loopback certificate", async () => {
  const { ca, cert, key } = await issueLoopbackCertificate({ now: systemClock.now() });
  await withServer(
    [on("/", (exchange) => exchange.sendJson(200, "secure"))],
    async (url) => {
      assert.match(url, /^https:/);
      const { port } = new URL(url);
      const body = await new Promise<string>((resolve, reject) => {
        secureGet({ host: "localhost", port, path: "/", ca, agent: false }, (answer) =>
          answer.setEncoding("utf8").on("data", resolve),
        ).on("error", reject);
      });
      assert.equal(body, '"secure"');
    },
    { tls: { cert, key } },
  );
});

test("a list of bytes is one answer, also when the body of the request is not read", async () => {
  const pieces = [Buffer.from("head"), Buffer.alloc(100_000, "x"), Buffer.alloc(0), Buffer.from("tail")];
  const routes = [
    on("/list", (exchange) => exchange.send(200, {}, pieces), { method: "POST" }),
    on("/none", (exchange) => exchange.send(200, {}, [])),
  ];
  await withServer(routes, async (url) => {
    for (let round = 0; round < 3; round += 1) {
      const answer = await fetch(`${url}/list`, { method: "POST", body: Buffer.alloc(round * 100_000) });
      assert.equal(answer.headers.get("content-length"), "100008");
      assert.ok(Buffer.from(await answer.arrayBuffer()).equals(Buffer.concat(pieces)));
      assert.equal((await (await fetch(`${url}/none`)).arrayBuffer()).byteLength, 0);
    }
  });
});

test("a route says whether compressed bodies are inflated, passed on or refused", async () => {
  const echo: Handler = async (exchange) => exchange.send(200, {}, await exchange.readBody());
  const streamed: Handler = async (exchange) => {
    const chunks: Buffer[] = [];
    for await (const chunk of exchange.bodyStream()) chunks.push(chunk);
    exchange.send(200, {}, Buffer.concat(chunks));
  };
  const post = (path: string, handler: Handler, encodedBodies?: Route["encodedBodies"]) =>
    on(path, handler, { method: "POST", limits: { bodyBytes: 100_000, bodyMs: 5_000 }, ...(encodedBodies && { encodedBodies }) });
  const routes = [
    post("/inflate", echo, "inflate"),
    post("/stream", streamed, "inflate"),
    post("/pass", echo, "pass"),
    post("/refuse", echo),
  ];
  await withServer(routes, async (url) => {
    const send = async (path: string, body: Buffer, encoding: string) => {
      const answer = await fetch(url + path, { method: "POST", body, headers: { "content-encoding": encoding } });
      return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
    };
    const text = Buffer.alloc(100_000, "text");
    const packed = gzipSync(text);
    for (const path of ["/inflate", "/stream"]) {
      for (let round = 0; round < 3; round += 1) {
        const good = await send(path, packed, "gzip");
        assert.equal(good.status, 200);
        assert.ok(good.body.equals(text));
        assert.equal((await send(path, gzipSync(Buffer.alloc(100_001)), "gzip")).status, 413);
        assert.equal((await send(path, gzipSync(Buffer.alloc(50_000_000)), "gzip")).status, 413);
        assert.equal((await send(path, packed.subarray(0, 50), "gzip")).status, 400);
        assert.equal((await send(path, packed, "br")).status, 415);
        assert.equal((await send(path, packed, "gzip, gzip")).status, 415);
        // What cannot be compressed is a little longer than itself.
        const noise = randomBytes(100_000);
        assert.ok((await send(path, gzipSync(noise), "gzip")).body.equals(noise));
      }
    }
    assert.ok((await send("/pass", packed, "gzip")).body.equals(packed));
    assert.equal((await send("/refuse", packed, "gzip")).status, 415);
  });
});

test("a connection stays open after a small body, however its pieces come", async () => {
  const routes = [
    on("/read", async (exchange) => exchange.send(200, {}, await exchange.readBody()), { method: "POST" }),
    on(
      "/fail",
      async (exchange) => {
        await exchange.readBody();
        throw new SlipwayError("badRequest", "No.");
      },
      { method: "POST" },
    ),
  ];
  await withServer(routes, async (_url, server) => {
    const socket = connect((server.address as { port: number }).port, "127.0.0.1");
    let got = "";
    socket.on("data", (chunk: Buffer) => (got += chunk.toString("latin1")));
    const until = async (what: RegExp) => {
      while (!what.test(got)) await once(socket, "data");
      assert.doesNotMatch(got, /connection: close/i);
      got = "";
    };
    for (const path of ["/read", "/fail", "/read"]) {
      const status = path === "/read" ? /^HTTP\/1.1 200 [\s\S]*abcde$/ : /^HTTP\/1.1 400 [\s\S]*\}$/;
      const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n`;
      socket.write(`${head}abcde`);
      await until(status);
      // The head alone, then the body in two.
      socket.write(head);
      await new Promise((resolve) => setImmediate(resolve));
      socket.write("abc");
      await new Promise((resolve) => setImmediate(resolve));
      socket.write("de");
      await until(status);
      // Two at once are answered in turn.
      socket.write(`${head}abcde${head}abcde`);
      const two = new RegExp(`${status.source.replace("$", "")}[sS]*${status.source.replace("^", "")}`);
      await until(two);
    }
    socket.destroy();
  });
});
