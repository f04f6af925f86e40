import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { connect as connectTcp } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { gzipSync } from "node:zlib";
import { type Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ByteBudget, SlipwayError, systemClock } from "@slipway/base";
import { issueLoopbackCertificate } from "../certificate/issue-loopback-certificate.ts";
import { TlsIdentity } from "../tls/tls-identity.ts";
import type { GrpcCall, GrpcMethod } from "./grpc-method.ts";
import { callRaw, framed } from "./testing/call-raw.ts";
import { type TestGrpc, withGrpc } from "./testing/start-grpc.ts";

const open = { type: "open" } as const;
const same = (bytes: Buffer) => bytes;

function unary(handler: (call: GrpcCall) => Promise<void>, more: Partial<GrpcMethod> = {}): GrpcMethod {
  return { path: "/test.Echo/Unary", access: open, manyRequests: false, handler, ...more };
}

const echo = unary(async (call) => call.send(await call.message()));
const echoStream: GrpcMethod = {
  path: "/test.Echo/Stream",
  access: open,
  manyRequests: true,
  handler: async (call) => {
    for (let message = await call.next(); message !== undefined; message = await call.next()) await call.send(message);
  },
};

/** Calls the one unary method; rejects with the status. */
function call(client: Client, message: Buffer, options: { deadlineMs?: number; metadata?: Metadata; path?: string } = {}) {
  const { metadata = new Metadata(), path = "/test.Echo/Unary" } = options;
  const deadline = options.deadlineMs === undefined ? {} : { deadline: systemClock.now() + options.deadlineMs };
  return new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(path, same, same, message, metadata, deadline, (error, answer) =>
      error === null ? resolve(answer!) : reject(error),
    );
  });
}

async function failure(answer: Promise<unknown>): Promise<ServiceError> {
  return answer.then(
    () => assert.fail("the call succeeded"),
    (error: ServiceError) => error,
  );
}

/** Whatever happened, the next good call succeeds. */
async function works({ client }: TestGrpc): Promise<void> {
  assert.equal((await call(client(), Buffer.from("good"))).toString(), "good");
}

test("gRPC and HTTP/1.1 share a port, and gRPC is loaded at the first HTTP/2 connection", async () => {
  await withGrpc([echo], async (grpc) => {
    const ok = () => fetch(`http://127.0.0.1:${grpc.port}/ok`);
    assert.equal((await ok()).status, 200);
    assert.equal(grpc.loads(), 0);
    await Promise.all([works(grpc), works(grpc), works(grpc)]);
    assert.equal(grpc.loads(), 1);
    assert.equal((await ok()).status, 200);
  });
});

test("a unary call takes and gives messages of any size up to the limit", async () => {
  await withGrpc([echo], async ({ client }) => {
    const caller = client({ "grpc.max_receive_message_length": -1 });
    for (const size of [0, 1, 16_379, 16_384, 65_535, 602_112, 1024 * 1024]) {
      const message = Buffer.alloc(size, size % 251);
      assert.deepEqual(await call(caller, message), message);
    }
  });
});

test("a list of bytes, and a message begun and sent in pieces, arrive whole", async () => {
  const big = Buffer.alloc(100_000, 7);
  const pieces = unary(async (grpcCall) => {
    if ((await grpcCall.message()).length === 0) return grpcCall.send([Buffer.from("a"), big, Buffer.from("z")]);
    const stream = grpcCall.begin(big.length + 1);
    await stream.write(Buffer.from("a"));
    await stream.write(big);
  });
  await withGrpc([pieces], async ({ client }) => {
    const caller = client();
    assert.deepEqual(await call(caller, Buffer.alloc(0)), Buffer.concat([Buffer.from("a"), big, Buffer.from("z")]));
    assert.deepEqual(await call(caller, Buffer.from("pieces")), Buffer.concat([Buffer.from("a"), big]));
  });
});

test("a stream of messages is answered message by message", async () => {
  await withGrpc([echoStream], async ({ client }) => {
    const stream = client().makeBidiStreamRequest("/test.Echo/Stream", same, same, new Metadata(), {});
    const got: string[] = [];
    stream.on("data", (message: Buffer) => got.push(message.toString()));
    stream.write(Buffer.from("one"));
    await once(stream, "data");
    stream.write(Buffer.from("two"));
    await once(stream, "data");
    stream.write(Buffer.alloc(300_000, 65));
    stream.end();
    const [end] = (await once(stream, "status")) as [{ code: number }];
    assert.equal(end.code, status.OK);
    assert.deepEqual([got[0], got[1], got[2]?.length], ["one", "two", 300_000]);
  });
});

test("an error's code, message and hint reach the caller; what nobody expected does not", async () => {
  const fails = unary(async (grpcCall) => {
    const wanted = (await grpcCall.message()).toString();
    if (wanted === "overloaded")
      throw new SlipwayError("overloaded", "100 % voll, größer geht’s nicht.", { hint: "Später.", retryAfter: 2 });
    throw new Error("a path of ours");
  });
  await withGrpc([fails], async ({ client, server }) => {
    const overloaded = await failure(call(client(), Buffer.from("overloaded")));
    assert.equal(overloaded.code, status.RESOURCE_EXHAUSTED);
    assert.equal(overloaded.details, "100 % voll, größer geht’s nicht. Später.");
    assert.deepEqual(overloaded.metadata.get("grpc-retry-pushback-ms"), ["2000"]);
    const internal = await failure(call(client(), Buffer.from("x")));
    assert.equal(internal.code, status.INTERNAL);
    assert.equal(internal.details, "An internal error occurred.");
    assert.equal(server.counters.serverErrors, 1);
    assert.equal((await failure(call(client(), Buffer.from("x"), { path: "/test.Echo/None" }))).code, status.UNIMPLEMENTED);
  });
});

test("A23: what breaks gRPC's framing is answered by its status, and the next call works", async () => {
  const big = Buffer.alloc(1024 * 1024 + 1);
  const cases: [what: string, body: Uint8Array[], headers: Record<string, string>, expected: string][] = [
    ["message over the limit", [framed(big)], {}, "8"],
    ["message that only claims to be over the limit", [framed(Buffer.from("x"), 0, 0xffff_ffff)], {}, "8"],
    ["length prefix longer than the message", [framed(Buffer.from("x"), 0, 100)], {}, "13"],
    ["length prefix shorter than the message", [framed(Buffer.from("xyz"), 0, 1)], {}, "13"],
    ["length prefix cut short", [Buffer.from([0, 0])], {}, "13"],
    ["flag that is none", [framed(Buffer.from("x"), 7)], {}, "13"],
    ["no message", [], {}, "13"],
    ["two messages", [framed(Buffer.from("x")), framed(Buffer.from("y"))], {}, "13"],
    ["compressed with a codec nobody has", [framed(Buffer.from("x"), 1)], { "grpc-encoding": "snappy" }, "12"],
    ["compressed flag without a codec", [framed(Buffer.from("x"), 1)], {}, "13"],
    ["compressed flag with identity", [framed(Buffer.from("x"), 1)], { "grpc-encoding": "identity" }, "13"],
    ["not gzip", [framed(Buffer.from("x"), 1)], { "grpc-encoding": "gzip" }, "13"],
    ["gzip cut short", [framed(gzipSync("x".repeat(100)).subarray(0, 20), 1)], { "grpc-encoding": "gzip" }, "13"],
    ["gzip bomb", [framed(gzipSync(Buffer.alloc(1024 * 1024 * 8)), 1)], { "grpc-encoding": "gzip" }, "8"],
    ["grpc-timeout that is none", [framed(Buffer.from("x"))], { "grpc-timeout": "1 s" }, "3"],
    ["another authority", [framed(Buffer.from("x"))], { ":authority": "evil.example" }, "7"],
    ["a page of another origin", [framed(Buffer.from("x"))], { origin: "http://evil.example" }, "7"],
  ];
  await withGrpc([echo], async (grpc) => {
    for (const [what, body, headers, expected] of cases) {
      const errors = grpc.server.counters.clientErrors;
      const answer = await callRaw(grpc.port, body, headers);
      assert.equal(answer.status, expected, what);
      assert.ok(grpc.server.counters.clientErrors > errors, `${what} is not counted`);
      await works(grpc);
    }
    assert.equal(grpc.server.counters.serverErrors, 0);
  });
});

test("A23: another content type is answered 415, another method 405, as HTTP", async () => {
  await withGrpc([echo], async (grpc) => {
    for (const type of ["application/json", "application/grpc+json", "application/grpc-web+proto", "text/plain"]) {
      const answer = await callRaw(grpc.port, [framed(Buffer.from("x"))], { "content-type": type });
      assert.equal(answer.headers[":status"], 415, type);
      assert.match(JSON.parse(answer.body.toString()).error, /application\/grpc/);
      assert.equal(answer.status, undefined);
    }
    assert.equal(
      (await callRaw(grpc.port, [framed(Buffer.alloc(200_000))], { "content-type": "text/plain" })).headers[":status"],
      415,
    );
    const put = await callRaw(grpc.port, [], { ":method": "PUT" });
    assert.equal(put.headers[":status"], 405);
    assert.equal(put.headers.allow, "POST");
    assert.equal(
      (await callRaw(grpc.port, [framed(Buffer.from("x"))], { "content-type": "application/grpc+proto" })).status,
      "0",
    );
    await works(grpc);
  });
});

test("A23: a deadline of 1 ms is DEADLINE_EXCEEDED, told by the server, and the handler learns it", async () => {
  const reasons: string[] = [];
  const slow = unary(async (grpcCall) => {
    const message = await grpcCall.message();
    if (message.toString() === "good") return grpcCall.send(message);
    assert.notEqual(grpcCall.deadlineAt, undefined);
    await new Promise((resolve) => grpcCall.signal.addEventListener("abort", resolve));
    reasons.push((grpcCall.signal.reason as SlipwayError).code);
    assert.equal(grpcCall.left, true);
    await assert.rejects(grpcCall.send(message), { code: "timeout" });
  });
  await withGrpc([slow], async (grpc) => {
    const answer = await callRaw(grpc.port, [framed(Buffer.from("x"))], { "grpc-timeout": "1m" });
    assert.equal(answer.status, "4");
    assert.equal((await failure(call(grpc.client(), Buffer.from("x"), { deadlineMs: 30 }))).code, status.DEADLINE_EXCEEDED);
    await works(grpc);
    assert.ok(reasons.includes("timeout"));
  });
});

test("a caller that cancels, or whose connection breaks, is gone for the handler", async () => {
  const begun = new EventTarget();
  const reasons: string[] = [];
  const waits = unary(async (grpcCall) => {
    await grpcCall.message();
    grpcCall.signal.addEventListener("abort", () => {
      reasons.push((grpcCall.signal.reason as SlipwayError).code);
      begun.dispatchEvent(new Event("gone"));
    });
    begun.dispatchEvent(new Event("begun"));
  }, {});
  const hangs = {
    ...waits,
    handler: async (grpcCall: GrpcCall) => waits.handler(grpcCall).then(() => new Promise<void>(() => {})),
  };
  await withGrpc([hangs, echoStream], async ({ client, port }) => {
    let heard = once(begun, "begun");
    const cancelled = client().makeUnaryRequest("/test.Echo/Unary", same, same, Buffer.from("x"), new Metadata(), {}, () => {});
    await heard;
    let gone = once(begun, "gone");
    cancelled.cancel();
    await gone;
    heard = once(begun, "begun");
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session
      .request({ ":method": "POST", ":path": "/test.Echo/Unary", "content-type": "application/grpc" })
      .on("error", () => {})
      .end(framed(Buffer.from("x")));
    await heard;
    gone = once(begun, "gone");
    session.destroy();
    await gone;
    assert.deepEqual(reasons, ["cancelled", "cancelled"]);
  });
});

test("messages compressed by the client's library are read", async () => {
  await withGrpc([echo], async ({ client }) => {
    for (const algorithm of [1, 2]) {
      const caller = client({ "grpc.default_compression_algorithm": algorithm });
      assert.equal((await call(caller, Buffer.from("a".repeat(50_000)))).length, 50_000);
    }
  });
});

test("a method that needs a token is for its bearer", async () => {
  const secret = unary(async (grpcCall) => grpcCall.send(Buffer.from(`${await grpcCall.message()} of ${grpcCall.user?.name}`)), {
    access: { type: "token" },
  });
  await withGrpc(
    [secret],
    async ({ client }) => {
      const metadata = new Metadata();
      metadata.set("authorization", "Bearer secret");
      assert.equal((await call(client(), Buffer.from("mail"), { metadata })).toString(), "mail of ann");
      metadata.set("authorization", "Bearer wrong");
      assert.equal((await failure(call(client(), Buffer.from("x"), { metadata }))).code, status.UNAUTHENTICATED);
      assert.equal((await failure(call(client(), Buffer.from("x")))).code, status.UNAUTHENTICATED);
    },
    { authenticate: async (token) => (token === "secret" ? { name: "ann", groups: [] } : undefined) },
  );
});

test("a message that arrives too slowly, and a reader that does not read, are cut off", async () => {
  const big = unary(async (grpcCall) => {
    if ((await grpcCall.message()).toString() === "good") return grpcCall.send(Buffer.from("good"));
    await grpcCall.send(Buffer.alloc(800));
  });
  const grpcOptions = { load: async () => [big], messageBytes: 1_000, messageMs: 100 };
  await withGrpc(
    [],
    async (grpc) => {
      const session = connectHttp2(`http://127.0.0.1:${grpc.port}`, { settings: { initialWindowSize: 100 } });
      const post = { ":method": "POST", ":path": "/test.Echo/Unary", "content-type": "application/grpc" };
      const slow = session.request(post);
      slow.write(framed(Buffer.from("x"), 0, 10));
      const [headers] = (await once(slow, "response")) as [IncomingHttpHeaders];
      assert.equal(headers["grpc-status"], "4");
      const lazy = session.request(post);
      lazy.on("error", () => {});
      lazy.end(framed(Buffer.from("x")));
      await once(lazy, "close");
      assert.equal(grpc.server.counters.slowClients, 2);
      session.close();
      await works(grpc);
    },
    { grpc: grpcOptions, timeouts: { stallMs: 50 } },
  );
});

test("a connection that only begins to say what it speaks is told 408", async () => {
  await withGrpc(
    [echo],
    async (grpc) => {
      for (const begun of ["", "P", "PRI * HTTP/2.0\r\n"]) {
        const socket = connectTcp(grpc.port, "127.0.0.1");
        socket.write(begun);
        const [answer] = (await once(socket, "data")) as [Buffer];
        assert.match(answer.toString(), /^HTTP\/1\.1 408 /);
        socket.destroy();
      }
      const half = connectTcp(grpc.port, "127.0.0.1");
      half.end("PRI * HT");
      await once(half, "close");
      await works(grpc);
    },
    { timeouts: { headersMs: 100 } },
  );
});

test("a drain tells clients to go, finishes what runs, and ends streams between messages", async () => {
  const release = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const held = unary(async (grpcCall) => {
    const message = await grpcCall.message();
    begun.resolve();
    await release.promise;
    await grpcCall.send(message);
  });
  await withGrpc([held, echoStream], async ({ client, server }) => {
    const caller = client();
    const answer = call(caller, Buffer.from("held"));
    const stream = caller.makeBidiStreamRequest("/test.Echo/Stream", same, same, new Metadata(), {});
    stream.on("error", () => {});
    stream.write(Buffer.from("one"));
    await once(stream, "data");
    await begun.promise;
    const ended = new Promise<{ code: number }>((resolve) => stream.on("status", resolve));
    const closed = server.close({ drainMs: 10_000 });
    assert.equal((await ended).code, status.UNAVAILABLE);
    const started = systemClock.monotonic();
    release.resolve();
    assert.equal((await answer).toString(), "held");
    await closed;
    assert.ok(systemClock.monotonic() - started < 5_000, "the drain waited for nobody");
  });
});

test("clients that are sent away connect anew, and lose no call", async () => {
  await withGrpc([echo], async ({ client, server, port }) => {
    const caller = client();
    await call(caller, Buffer.from("before"));
    server.sendClientsAway();
    for (let index = 0; index < 20; index += 1)
      assert.equal((await call(caller, Buffer.from(`${index}`))).toString(), `${index}`);
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const away = new Promise<number>((resolve) => session.on("goaway", resolve));
    assert.equal((await callRaw(port, [framed(Buffer.from("x"))], {}, session)).status, "0");
    assert.equal(await away, 0);
  });
});

test("over TLS, who offers only h2 gets gRPC and who offers HTTP/1.1 gets that", async () => {
  const { ca, cert, key } = await issueLoopbackCertificate({ now: systemClock.now() });
  await withGrpc(
    [echo],
    async ({ client, port }) => {
      const secure = credentials.createSsl(Buffer.from(ca));
      assert.equal(
        (await call(client({ "grpc.ssl_target_name_override": "localhost" }, secure), Buffer.from("tls"))).toString(),
        "tls",
      );
      const socket = connectTls({ host: "localhost", port, ca, ALPNProtocols: ["h2", "http/1.1"] });
      socket.write("GET /ok HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      const [answer] = (await once(socket, "data")) as [Buffer];
      assert.equal(socket.alpnProtocol, "http/1.1");
      assert.match(answer.toString(), /^HTTP\/1\.1 200 /);
      socket.destroy();
    },
    { tls: { cert, key } },
  );
});

test("a certificate that is replaced counts for the next connection", async () => {
  const [first, second] = await Promise.all([1, 2].map(() => issueLoopbackCertificate({ now: systemClock.now() })));
  const identity = new TlsIdentity(first!);
  await withGrpc(
    [echo],
    async ({ client }) => {
      const name = { "grpc.ssl_target_name_override": "localhost" };
      const caller = (ca: string) => client(name, credentials.createSsl(Buffer.from(ca)));
      assert.equal((await call(caller(first!.ca), Buffer.from("one"))).toString(), "one");
      identity.replace(second!);
      assert.equal((await call(caller(second!.ca), Buffer.from("two"))).toString(), "two");
      assert.equal((await failure(call(caller(first!.ca), Buffer.from("x")))).code, status.UNAVAILABLE);
    },
    { tls: identity },
  );
});

test("messages together hold no more than their budget, and give it back", async () => {
  const bodyBudget = new ByteBudget(300_000);
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const held = unary(async (grpcCall) => {
    const message = await grpcCall.message();
    if (message.length === 200_000) {
      begun.resolve();
      await release.promise;
    }
    await grpcCall.send(Buffer.from(`${message.length}`));
  });
  await withGrpc(
    [held, echoStream],
    async ({ client }) => {
      const first = call(client(), Buffer.alloc(200_000));
      await begun.promise;
      assert.equal((await failure(call(client(), Buffer.alloc(150_000)))).code, status.UNAVAILABLE);
      assert.equal((await call(client(), Buffer.alloc(50_000))).toString(), "50000");
      release.resolve();
      await first;
      const stream = client().makeBidiStreamRequest("/test.Echo/Stream", same, same, new Metadata(), {});
      for (let index = 0; index < 5; index += 1) {
        stream.write(Buffer.alloc(250_000));
        await once(stream, "data");
      }
      stream.end();
      await new Promise((resolve) => stream.on("status", resolve).resume());
      const deadline = systemClock.monotonic() + 5_000;
      while (bodyBudget.used > 0 && systemClock.monotonic() < deadline) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(bodyBudget.used, 0);
    },
    { bodyBudget },
  );
});

test("a connection that opens calls only to reset them is ended, and others do not notice", async () => {
  const waits = unary(async (grpcCall) => {
    const message = await grpcCall.message();
    await grpcCall.send(message);
  });
  await withGrpc([waits], async (grpc) => {
    const session = connectHttp2(`http://127.0.0.1:${grpc.port}`);
    session.on("error", () => {});
    let ended = false;
    session.on("close", () => {
      ended = true;
    });
    const post = { ":method": "POST", ":path": "/test.Echo/Unary", "content-type": "application/grpc" };
    let resets = 0;
    while (!ended && resets < 20_000) {
      for (let index = 0; index < 50 && !session.destroyed && !session.closed; index += 1) {
        const stream = session.request(post);
        stream.on("error", () => {});
        stream.write(Buffer.from([0]));
        setImmediate(() => stream.close(8));
        resets += 1;
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (resets % 500 === 0) await works(grpc);
    }
    assert.ok(ended, `it still serves after ${resets} resets`);
    assert.ok(resets < 20_000);
    await works(grpc);
  });
});

test("headers above their limits are refused, and the next call works", async () => {
  await withGrpc([echo], async (grpc) => {
    const big = await callRaw(grpc.port, [framed(Buffer.from("x"))], { "x-big": "a".repeat(20_000) });
    assert.equal(big.status, "8");
    await works(grpc);
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, "a"]));
    assert.notEqual((await callRaw(grpc.port, [framed(Buffer.from("x"))], many)).status, "0");
    await works(grpc);
  });
});
