// Broken, hostile and slow HTTP at the gateway's door (catalogue A, L): a fitting refusal, and nothing else suffers.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { systemClock } from "@slipway/base";
import { requestFor } from "./harness/digits.ts";
import { DigitsPlatform } from "./harness/digits-platform.ts";
import { eventually } from "./harness/eventually.ts";
import { framingFaults } from "./harness/framing-faults.ts";
import { amount, fullLength } from "./harness/length.ts";
import { run } from "./harness/platform.ts";
import { RawConnection } from "./harness/raw-connection.ts";

let digits: DigitsPlatform;
before(async () => {
  digits = await DigitsPlatform.up();
});
after(() => digits.platform.destroy());

const host = "Host: localhost\r\n";
const json = "Content-Type: application/json\r\n";
const infer = "POST /v2/models/digits/infer HTTP/1.1\r\n";
const good = requestFor([1]);

describe("refused at once, connection closed, nothing forwarded", () => {
  for (const { title, bytes, status } of framingFaults("digits")) {
    test(title, async () => {
      const answers = await RawConnection.exchange(digits.port, bytes);
      assert.deepEqual(
        answers.map((answer) => answer.status),
        [status],
      );
      assert.match(answers[0]!.head, /connection: close/i);
      digits.assertError(answers[0]!.body);
      await digits.nextGoodRequest();
    });
  }
});

describe("encodings, methods and headers", () => {
  test("A14 compressed bodies are inflated no further than the limit, and refused when they are none", async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024));
    for (const [status, encoding, body, message] of [
      [413, "gzip", bomb, /larger than/],
      [400, "gzip", gzipSync(gzipSync(good)), /UTF-8|JSON/],
      [400, "gzip", gzipSync(good).subarray(0, 20), /not whole/],
      [400, "deflate", Buffer.from(good), /not well-formed/],
      [415, "br", Buffer.from(good), /encoding/],
      [400, "zstd", Buffer.from(good), /not well-formed/],
      [415, "identity, gzip", Buffer.from(good), /encoding/],
    ] as const) {
      await digits.assertRefused(await digits.infer(body, { "content-encoding": encoding }), status, message);
    }
    assert.equal((await digits.infer(gzipSync(good), { "content-encoding": "gzip" })).status, 200);
    await digits.assertRefused(await digits.infer(good, { "content-type": "application/x-protobuf" }), 415, /json|type/i);
    await digits.nextGoodRequest();
  });

  test("A17, A19 what a client may not say about itself changes nothing", async () => {
    for (const [name, value] of Object.entries({
      "x-http-method-override": "DELETE",
      "x-forwarded-host": "evil.example",
      "x-forwarded-for": "10.0.0.1",
      "x-original-url": "/v2/models/other/infer",
      "x-slipway-model": "other",
      "x-remote-user": "system:admin",
      forwarded: "host=evil.example",
    })) {
      const response = await digits.infer(good, { [name]: value });
      assert.equal(response.status, 200, name);
      assert.equal(((await response.json()) as { model_name: string }).model_name, "digits");
    }
  });

  test("A19 methods that inference does not have", async () => {
    for (const method of ["TRACE", "HEAD", "PUT", "PATCH", "DELETE", "PROPFIND", "GET", "OPTIONS"]) {
      const [answer] = await RawConnection.exchange(
        digits.port,
        `${method} /v2/models/digits/infer HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      );
      assert.equal(answer!.status, 405, method);
      assert.match(answer!.head, /^allow: .*POST/im, method);
    }
    await digits.nextGoodRequest();
  });

  test("A22 pipelined requests with an error in the middle: every answer to its own request, in order", async () => {
    const request = (body: string, close = false) =>
      `${infer}${host}${json}${close ? "Connection: close\r\n" : ""}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const withId = (id: string) => JSON.stringify({ ...JSON.parse(good), id });
    const ids = Array.from({ length: amount(20, 60) }, (_, index) => `r${index}`);
    const wrong = 7;
    const bytes = ids.map((id, index) => request(index === wrong ? `{"id": "${id}"}` : withId(id), index === ids.length - 1));
    const answers = await RawConnection.exchange(digits.port, bytes.join(""));
    assert.equal(answers.length, ids.length);
    for (const [index, answer] of answers.entries()) {
      if (index === wrong) {
        assert.equal(answer.status, 400);
        digits.assertError(answer.body, /inputs/);
      } else {
        assert.equal(answer.status, 200, answer.body);
        assert.equal((JSON.parse(answer.body) as { id: string }).id, ids[index]);
      }
    }
    // What cannot be framed ends the connection: the good request behind it is not answered.
    const cut = await RawConnection.exchange(
      digits.port,
      `${request(withId("a"))}${infer}${host}Content-Length: x\r\n\r\n${request(withId("b"))}`,
    );
    assert.deepEqual(
      cut.map((answer) => answer.status),
      [200, 400],
    );
    await digits.nextGoodRequest();
  });
});

describe("bodies that come slowly, in crumbs, or not at all", () => {
  test("A8 a body that breaks off: dropped, the model never called", async () => {
    const rounds = amount(50, 1_000);
    let broken = 0;
    for (let round = 0; round < rounds; round++) {
      const connection = await RawConnection.open(digits.port);
      connection.socket.end(`${infer}${host}${json}Content-Length: ${good.length}\r\n\r\n${good.slice(0, round % good.length)}`);
      await connection.ended(5);
      assert.ok(!connection.text().startsWith("HTTP/1.1 200"));
      broken += 1;
    }
    assert.equal(broken, rounds);
    await digits.nextGoodRequest();
  });

  test("A13 100,000 chunks of one byte: served, and memory is bounded", async (t) => {
    const body = good.padEnd(100_000, " ");
    const bytes = [...body].map((byte) => `1\r\n${byte}\r\n`).join("");
    const crumbs = async () => {
      const [answer] = await RawConnection.exchange(
        digits.port,
        `${infer}${host}${json}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${bytes}0\r\n\r\n`,
      );
      assert.equal(answer!.status, 200, answer!.body);
    };
    const before = await digits.memory("gateway");
    for (let round = 0; round < amount(20, 200); round++) await crumbs();
    const after = await digits.memory("gateway");
    t.diagnostic(`the gateway's memory: ${Math.round(before)} → ${Math.round(after)} MiB`);
    // The heap grows lazily to a size that V8 takes from the machine's memory, so two readings say nothing; what was kept of every
    // crumb, some 50 MiB a round, would be well above this.
    assert.ok(after < before + 700, `the gateway grew from ${Math.round(before)} to ${Math.round(after)} MiB`);
    await digits.nextGoodRequest();
  });

  // All the slow clients at once, so that the test takes as long as the longest limit: headers 8 s, an answer nobody reads 10 s.
  test("A7, A10, A11 slow clients are cut, and good ones do not notice", async (t) => {
    const slowHeaders = await Promise.all(Array.from({ length: amount(200, 500) }, () => RawConnection.open(digits.port)));
    for (const connection of slowHeaders) connection.socket.write(infer);
    const slowBody = await RawConnection.open(digits.port);
    slowBody.socket.write(`${infer}${host}${json}Request-Timeout: 2\r\nContent-Length: 100\r\n\r\n{`);
    const silentBody = await RawConnection.open(digits.port);
    silentBody.socket.write(`${infer}${host}${json}Content-Length: 100\r\n\r\n{`);
    const slowReader = await askedForMuch();
    const trickled = trickle(slowHeaders);

    const latencies: number[] = [];
    await eventually("every connection with slow headers was cut", 15, async () => {
      const started = systemClock.monotonic();
      await digits.nextGoodRequest();
      latencies.push(systemClock.monotonic() - started);
      return slowHeaders.every((connection) => connection.closedAt !== undefined);
    });
    const worst = Math.max(...slowHeaders.map((connection) => connection.closedAt! - connection.openedAt));
    t.diagnostic(
      `${slowHeaders.length} slow connections, the last cut after ${Math.round(worst)} ms, having sent ${await trickled} bytes; ` +
        `${latencies.length} good requests meanwhile, the slowest took ${Math.round(Math.max(...latencies))} ms`,
    );
    assert.ok(worst <= 10_000, `cut only after ${Math.round(worst)} ms`);

    await slowBody.ended(10);
    const [answer] = slowBody.answers();
    assert.ok(answer?.status === 408 || answer?.status === 504, slowBody.text());
    digits.assertError(answer.body);

    await slowReader.cut();
    if (fullLength) {
      await silentBody.ended(70);
      assert.equal(silentBody.answers()[0]?.status, 408);
    } else silentBody.socket.destroy();
    await digits.nextGoodRequest();
  });

  test("A20 more idle connections than there is room for: new ones get 503, and all is well when they close", async (t) => {
    const connections: RawConnection[] = [];
    for (let opened = 0; opened < amount(2_200, 10_000); opened += 100) {
      const batch = await Promise.allSettled(Array.from({ length: 100 }, () => RawConnection.open(digits.port)));
      connections.push(...batch.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
    }
    const refused = await eventually("the connections beyond the limit were refused", 10, async () => {
      const told = connections.filter((connection) => connection.received > 0);
      return told.length > 0 && told;
    });
    t.diagnostic(`${connections.length} opened, ${refused.length} told 503`);
    assert.ok(refused.length > 0);
    const [answer] = refused[0]!.answers();
    assert.equal(answer!.status, 503);
    digits.assertError(answer!.body);
    for (const connection of connections) connection.socket.destroy();
    await eventually("a good request is answered again", 2, async () => (await digits.infer(good)).ok);
    await digits.nextGoodRequest();
  });
});

describe("a browser that was led here", () => {
  test("L3 only names of loopback are answered, whatever the name server says", async () => {
    for (const name of ["evil.example", "localhost.", "0.0.0.0", "[::]", "127.0.0.1.evil.example", "localhost:80:80", "127.1"]) {
      const [answer] = await RawConnection.exchange(
        digits.port,
        `GET /v2 HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`,
      );
      assert.equal(answer!.status, 421, name);
      digits.assertError(answer!.body, /Host/);
    }
    for (const name of ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]"]) {
      const [answer] = await RawConnection.exchange(
        digits.port,
        `GET /v2 HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`,
      );
      assert.equal(answer!.status, 200, name);
    }
  });

  test("L2 what a page of another origin can send without asking is refused", async () => {
    for (const origin of ["http://evil.example", "null", "https://localhost", "http://localhost:1"]) {
      await digits.assertRefused(await digits.infer(good, { origin }), 421, /origin/i);
    }
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      await digits.assertRefused(await digits.infer(good, { "content-type": type }), 415);
    }
    await digits.nextGoodRequest();
  });

  test("L2, L3, K1 the control API asks for its token before anything else, and answers for no other name", async () => {
    const { api } = digits.platform;
    const curl = async (...args: string[]) =>
      (await run("curl", ["-sk", "-o", "/dev/null", "-w", "%{http_code}", ...args], { env: {} })).stdout;
    const models = `${api}/apis/slipway.dev/v1alpha1/namespaces/default/models`;
    for (const path of ["/api", "/apis", "/openapi/v3", "/version", "/apis/slipway.dev/v1alpha1", "/api/v1/secrets"]) {
      assert.equal(await curl(`${api}${path}`), "401", path);
    }
    assert.equal(await curl("-H", "Authorization: Bearer wrong", models), "401");
    assert.equal(await curl("-X", "POST", "-d", "{}", models), "401");
    assert.equal(await curl("-X", "DELETE", `${models}/digits`), "401");
    assert.equal(await curl("-H", "Host: evil.example", models), "421");
    assert.equal(await curl("-H", "Origin: http://evil.example", models), "421");
    await digits.nextGoodRequest();
  });
});

/** One byte a second, by many: what a Slowloris does. Resolves with the bytes sent once all are cut. */
async function trickle(connections: readonly RawConnection[]): Promise<number> {
  let bytes = 0;
  let next = systemClock.monotonic();
  await eventually("the slow clients were cut", 20, async () => {
    const open = connections.filter((connection) => connection.socket.writable);
    if (systemClock.monotonic() >= next) {
      next += 1_000;
      for (const connection of open) connection.socket.write("X");
      bytes += open.length;
    }
    return open.length === 0;
  });
  return bytes;
}

/** Asks for an answer larger than any socket buffer, and does not read it. */
async function askedForMuch(): Promise<{ cut(): Promise<void> }> {
  const rows = 60_000;
  const body = JSON.stringify({
    inputs: [{ name: "image", datatype: "FP32", shape: [rows, 64], data: new Array(rows * 64).fill(1) }],
  });
  const connection = await RawConnection.open(digits.port);
  connection.socket.pause();
  connection.socket.write(`${infer}${host}${json}Content-Length: ${body.length}\r\n\r\n${body}`);
  const asked = systemClock.monotonic();
  return {
    async cut() {
      await eventually("the reader has read nothing for longer than the limit", 30, async () => {
        return systemClock.monotonic() - asked > 20_000;
      });
      connection.socket.resume();
      await connection.ended(5);
      const [answer] = connection.answers();
      assert.equal(answer?.status, 200, "the answer had begun");
      const promised = Number(/^content-length: (\d+)/im.exec(answer.head)?.[1] ?? Number.POSITIVE_INFINITY);
      assert.ok(connection.received < promised, `the reader got all ${connection.received} bytes`);
    },
  };
}
