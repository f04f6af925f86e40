import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { cuttingProxy, type SeenRequest, scriptedRegistry } from "@slipway/testkit";
import { readRelease, registrySource } from "../image/read-release.ts";
import { ImpatientClock } from "../testing/impatient-clock.ts";
import { memoryBlob } from "./blob-source.ts";
import { RegistryClient, type RegistryOptions } from "./registry-client.ts";

type Context = Parameters<typeof scriptedRegistry>[0];
type Answer = (request: SeenRequest, response: ServerResponse) => void;

async function setUp(t: Context, answer: Answer, options: Partial<RegistryOptions> = {}) {
  const { host, seen } = await scriptedRegistry(t, answer);
  const clock = new ImpatientClock();
  const client = new RegistryClient({ clock, ...options });
  t.after(() => client.close());
  return { host, seen, clock, client, repository: { registry: host, name: "a" } };
}

const blob = memoryBlob("application/octet-stream", randomBytes(2 ** 20 + 17));
const manifest = memoryBlob("application/vnd.oci.image.manifest.v1+json", "{}");

async function read(client: RegistryClient, repository: { registry: string; name: string }, wanted = blob): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of client.blob(repository, wanted).open(0)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("a registry that is busy or ill for a moment is asked again, when it says so", async (t) => {
  const answers: Answer[] = [
    (_, response) => response.writeHead(429, { "retry-after": "7" }).end(),
    (_, response) => response.writeHead(503).end(),
    (_, response) => response.destroy(),
    (_, response) => response.writeHead(200, { "content-type": manifest.mediaType }).end(manifest.bytes),
  ];
  const { client, clock, repository, seen } = await setUp(t, (request, response) => answers.shift()!(request, response));
  assert.deepEqual((await client.readDocument({ ...repository, tag: "x" })).bytes, manifest.bytes);
  assert.equal(seen.length, 4);
  assert.deepEqual(clock.waits, [7000, 500, 1000]);
});

test("one that stays so is given up, with its code", async (t) => {
  const { client, repository, seen } = await setUp(t, (_, response) => response.writeHead(503).end());
  await assert.rejects(client.readDocument(repository), { code: "unavailable", message: /status 503/ });
  assert.equal(seen.length, 6);
  const slow = await setUp(t, (_, response) => response.writeHead(429, { "retry-after": "3600" }).end());
  await assert.rejects(slow.client.readDocument(slow.repository), { code: "overloaded", retryAfter: 3600 });
  assert.equal(slow.seen.length, 1);
  await assert.rejects(client.readDocument({ registry: "127.0.0.1:1", name: "a" }), {
    code: "unavailable",
    message: /127\.0\.0\.1:1/,
  });
});

test("what a registry refuses is a sentence", async (t) => {
  const body = JSON.stringify({ errors: [{ code: "DENIED", message: "not\u0007 yours" }] });
  const cases: readonly (readonly [number, string, RegExp])[] = [
    [403, "forbidden", /does not let.*not yours/],
    [404, "notFound", /has no image/],
    [405, "unimplemented", /refused/],
    [418, "invalid", /refused/],
  ];
  for (const [status, code, message] of cases) {
    const { client, repository } = await setUp(t, (_, response) => response.writeHead(status).end(body));
    await assert.rejects(client.readDocument(repository), { code, message });
  }
});

test("other bytes, more bytes and fewer bytes than the digest's are refused", async (t) => {
  const other = Buffer.from(blob.bytes);
  other[5]! ^= 1;
  const wrong = await setUp(t, (_, response) => response.end(other));
  await assert.rejects(read(wrong.client, wrong.repository), { code: "invalid", message: /not those of its digest/ });
  assert.equal(wrong.seen.length, 1);

  let sent = 0;
  const endless = await setUp(t, (_, response) => {
    const more = () => {
      while (response.writable && response.write(blob.bytes)) sent += blob.size;
      response.once("drain", more);
    };
    more();
  });
  await assert.rejects(read(endless.client, endless.repository), { code: "invalid", message: /longer than/ });
  assert.ok(sent < 50 * blob.size);

  const short = await setUp(t, (_, response) => response.end(blob.bytes.subarray(0, 1000)));
  await assert.rejects(read(short.client, short.repository), { code: /unavailable|invalid/ });
  const forged = await setUp(t, (_, response) => response.end(Buffer.from("{} ")));
  await assert.rejects(forged.client.readDocument({ ...forged.repository, digest: manifest.digest }), { code: "invalid" });
});

test("an endless manifest is cut off", async (t) => {
  const { client, repository } = await setUp(t, (_, response) => {
    const more = () => {
      while (response.writable && response.write(Buffer.alloc(2 ** 16, 0x20)));
      response.once("drain", more);
    };
    more();
  });
  await assert.rejects(client.readDocument(repository), { code: "tooLarge" });
});

test("a body of a few bytes a second is given up; where it goes on it is continued", async (t) => {
  const stalled = await setUp(t, (_, response) => void response.writeHead(200).write("x"));
  let over = false;
  const reading = read(stalled.client, stalled.repository).finally(() => {
    over = true;
  });
  const given = assert.rejects(reading, { code: "timeout", message: /less than/ });
  while (!over) {
    stalled.clock.ring();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await given;
  assert.equal(stalled.seen.length, 6);

  const half = blob.size >> 1;
  const { client, clock, repository, seen } = await setUp(t, ({ headers }, response) => {
    if (headers.range === undefined)
      return void response.writeHead(200, { "content-length": blob.size }).write(blob.bytes.subarray(0, half));
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range)![1]);
    response.writeHead(206, { "content-range": `bytes ${from}-${blob.size - 1}/${blob.size}` }).end(blob.bytes.subarray(from));
  });
  let done = false;
  const whole = read(client, repository).finally(() => {
    done = true;
  });
  while (!done) {
    // The first ring sees half a body, the next one sees that nothing more came.
    clock.ring();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(await whole, blob.bytes);
  assert.ok(seen.length >= 2);
});

test("a blob's redirect is followed without the login; one into the open is refused", async (t) => {
  const storage = await scriptedRegistry(t, (_, response) => response.end(blob.bytes));
  const { client, repository, seen } = await setUp(
    t,
    ({ headers }, response) => {
      if (headers.authorization === undefined) response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
      else response.writeHead(307, { location: `http://${storage.host}/elsewhere` }).end();
    },
    { credentials: async () => ({ username: "ada", password: "secret" }) },
  );
  assert.deepEqual(await read(client, repository), blob.bytes);
  assert.equal(seen.length, 2);
  assert.equal(storage.seen.length, 1);
  assert.equal(storage.seen[0]!.headers.authorization, undefined);

  const loop = await setUp(t, (_, response) => response.writeHead(302, { location: "/v2/again" }).end());
  await assert.rejects(read(loop.client, loop.repository), { code: "forbidden", message: /more than 5/ });
  const away = await setUp(t, (_, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end());
  await assert.rejects(read(away.client, away.repository), { code: "forbidden" });
});

test("an upload does not go where a registry's answer points", async (t) => {
  const thief = await scriptedRegistry(t, (_, response) => response.writeHead(201).end());
  const { client, repository } = await setUp(t, ({ method }, response) => {
    if (method === "HEAD") response.writeHead(404).end();
    else response.writeHead(202, { location: `http://${thief.host}/take` }).end();
  });
  await assert.rejects(client.writeBlob(repository, blob), { code: "forbidden" });
  assert.equal(thief.seen.length, 0);
});

test("a token comes from HTTPS only, unless the registry itself is plain", async (t) => {
  // The origin cannot be HTTPS here; what counts is that no other scheme is asked.
  const { client, repository } = await setUp(t, (_, response) =>
    response.writeHead(401, { "www-authenticate": 'Bearer realm="ftp://example.org/token"' }).end(),
  );
  await assert.rejects(client.readDocument(repository), { code: "forbidden", message: /not HTTPS/ });
});

test("a registry that can tell how far an upload came is believed: a piece is continued in its middle", async (t) => {
  const large = memoryBlob("application/octet-stream", randomBytes(9 * 2 ** 20));
  const received: Buffer[] = [];
  const size = () => received.reduce((sum, { length }) => sum + length, 0);
  const { createServer } = await import("node:http");
  // Keeps what came of a piece whose connection broke, as the specification allows.
  const server = createServer(async (request, response) => {
    const { method, url = "" } = request;
    if (method === "HEAD") return void response.writeHead(404).end();
    const state = { location: "/v2/a/blobs/uploads/1", range: `0-${Math.max(0, size() - 1)}` };
    if (method === "POST") return void response.writeHead(202, state).end();
    if (method === "GET") return void response.writeHead(204, state).end();
    try {
      for await (const chunk of request) received.push(chunk as Buffer);
    } catch {
      return;
    }
    if (method === "PATCH") return void response.writeHead(202, { ...state, range: `0-${size() - 1}` }).end();
    response.writeHead(url.includes(encodeURIComponent(large.digest)) ? 201 : 400).end();
  }).listen(0, "127.0.0.1");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once("listening", resolve));
  let passed = 0;
  const proxy = await cuttingProxy(t, `127.0.0.1:${(server.address() as { port: number }).port}`, (piece, way) => {
    if (way === "up") passed += piece.length;
    return passed > 5 * 2 ** 20 && proxy.cuts() === 0;
  });
  const client = new RegistryClient({ clock: new ImpatientClock() });
  t.after(() => client.close());
  assert.equal(await client.writeBlob({ registry: proxy.host, name: "a" }, large), "uploaded");
  assert.equal(proxy.cuts(), 1);
  assert.deepEqual(Buffer.concat(received), large.bytes);
  assert.ok(passed < large.size + 2 ** 20, `${passed} bytes for ${large.size}`);
});

test("images that are too large, too deep or kept elsewhere are refused", async (t) => {
  const digest = blob.digest;
  const index = "application/vnd.oci.image.index.v1+json";
  const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size: 5 };
  const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 5 };
  const image = (more: object) => ({ mediaType: manifest.mediaType, config, layers: [], ...more });
  const cases: readonly (readonly [RegExp, object])[] = [
    [/more than 127/, image({ layers: Array.from({ length: 10_000 }, () => layer) })],
    [/kept elsewhere/, image({ layers: [{ ...layer, urls: ["https://evil.example/layer"] }] })],
    [/unknown type/, image({ layers: [{ ...layer, mediaType: "application/x-evil" }] })],
    [/unknown type/, image({ config: { ...config, mediaType: index } })],
    [/sha256/, image({ layers: [{ ...layer, digest: "sha256:../../etc/x" }] })],
    [/size/, image({ layers: [{ ...layer, size: -1 }] })],
    [/size/, image({ layers: [{ ...layer, size: 1e300 }] })],
    [/neither/, { mediaType: "application/x-evil" }],
    [/more than 100/, { mediaType: index, manifests: Array.from({ length: 101 }, () => ({})) }],
    [/other systems/, { mediaType: index, manifests: [{ digest, platform: { os: "windows", architecture: "amd64" } }] }],
  ];
  for (const [message, document] of cases) {
    const { client, repository } = await setUp(t, (_, response) => response.end(JSON.stringify(document)));
    await assert.rejects(readRelease(registrySource(client, repository)), { code: "invalid", message }, String(message));
  }
  // An index that names an index, or itself: never followed a second step.
  const inner = memoryBlob(index, JSON.stringify({ mediaType: index, manifests: [] }));
  const outer = { mediaType: index, manifests: [{ digest: inner.digest, platform: { os: "linux", architecture: "amd64" } }] };
  const nested = await setUp(t, ({ path }, response) =>
    response.end(path.endsWith(inner.digest) ? inner.bytes : JSON.stringify(outer)),
  );
  await assert.rejects(readRelease(registrySource(nested.client, nested.repository)), {
    code: "invalid",
    message: /not an image/,
  });
  assert.equal(nested.seen.length, 2);
});

test("a proxy is used for registries elsewhere, not for this machine", async (t) => {
  // Answers what it is asked for itself, as a proxy for plain HTTP is asked: with the whole address.
  const proxy = await scriptedRegistry(t, (_, response) =>
    response.writeHead(200, { "content-type": manifest.mediaType }).end(manifest.bytes),
  );
  const { client, repository, seen } = await setUp(t, (_, response) => response.end(manifest.bytes), {
    proxies: { http: `http://${proxy.host}` },
    insecure: ["registry.example.org"],
  });
  await client.readDocument({ registry: "registry.example.org", name: "a", tag: "v1" });
  assert.equal(proxy.seen.length, 1);
  await client.readDocument(repository);
  assert.deepEqual([proxy.seen.length, seen.length], [1, 1]);
});
