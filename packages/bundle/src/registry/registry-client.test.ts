import assert from "node:assert/strict";
import { randomBytes, sign } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { systemClock } from "@slipway/base";
import { cuttingProxy, realRegistry, registryMissing, registryUser, scriptedRegistry, TestAuthority } from "@slipway/testkit";
import { composeImage, composeRelease } from "../image/image.ts";
import { plainLayer } from "../image/pack-layer.ts";
import { pushRelease } from "../image/push-release.ts";
import { readRelease, registrySource } from "../image/read-release.ts";
import { ImpatientClock } from "../testing/impatient-clock.ts";
import { scratch } from "../testing/scratch.ts";
import { type BlobSource, memoryBlob } from "./blob-source.ts";
import { RegistryClient, type RegistryOptions } from "./registry-client.ts";

type Context = Parameters<typeof scratch>[0];

function clientOf(t: Context, options: Partial<RegistryOptions> = {}): RegistryClient {
  const client = new RegistryClient({ clock: new ImpatientClock(), ...options });
  t.after(() => client.close());
  return client;
}

async function bytesOf(blob: BlobSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob.open(0)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const large = memoryBlob("application/octet-stream", randomBytes(20 * 2 ** 20));
const run = { entrypoint: ["/x"], user: "1:1", env: [], labels: {} };
const release = composeRelease([
  composeImage("amd64", [plainLayer([{ path: "a", mode: 0o644, content: Buffer.from("a") }])], run),
  composeImage("arm64", [plainLayer([{ path: "b", mode: 0o644, content: Buffer.from("b") }])], run),
]);

describe("a real registry", { skip: registryMissing }, () => {
  test("an index goes there and comes back; what is there is not sent again, another repository takes it over", async (t) => {
    const { host } = await realRegistry(t);
    const client = clientOf(t);
    const to = { registry: host, name: "team/digits" };
    assert.deepEqual(await pushRelease(client, to, release, { tag: "v1" }), {
      uploaded: 4,
      mounted: 0,
      present: 0,
      bytes: bytesIn(release),
    });
    assert.equal((await pushRelease(client, to, release)).present, 4);
    assert.equal(await client.findDocument({ ...to, tag: "v1" }), release.document.digest);
    assert.equal(await client.findDocument({ ...to, tag: "v2" }), undefined);
    const read = await readRelease(registrySource(client, { ...to, tag: "v1" }));
    assert.deepEqual(read.document.bytes, release.document.bytes);
    assert.deepEqual(
      read.images.map(({ architecture, run: { user } }) => [architecture, user]),
      [
        ["amd64", "1:1"],
        ["arm64", "1:1"],
      ],
    );
    const other = { registry: host, name: "team/other" };
    assert.equal((await pushRelease(client, other, read)).mounted, 4);
    assert.deepEqual(
      await bytesOf(client.blob(other, read.images[0]!.layers[0]!.blob)),
      await bytesOf(release.images[0]!.layers[0]!.blob),
    );
    await assert.rejects(client.readDocument({ ...to, tag: "v2" }), { code: "notFound", message: /team\/digits:v2/ });
  });

  test("a login is asked for, given, and refused when it is wrong", async (t) => {
    const { host } = await realRegistry(t, { auth: "password" });
    const to = { registry: host, name: "a" };
    const small = memoryBlob("application/octet-stream", "small");
    await assert.rejects(clientOf(t).writeBlob(to, small), { code: "unauthenticated", hint: new RegExp(`docker login ${host}`) });
    const wrong = clientOf(t, { credentials: async () => ({ username: "ada", password: "guess" }) });
    await assert.rejects(wrong.writeBlob(to, small), (error: { code: string; message: string }) => {
      assert.equal(error.code, "unauthenticated");
      assert.doesNotMatch(JSON.stringify(error) + error.message, /guess/);
      return true;
    });
    const right = clientOf(t, { credentials: async (registry) => (registry === host ? registryUser : undefined) });
    assert.equal(await right.writeBlob(to, small), "uploaded");
    assert.equal(await right.writeBlob(to, large), "uploaded");
  });

  test("a Bearer challenge is answered with a token of the registry's own authority", async (t) => {
    const authority = await tokenAuthority(t);
    const { host } = await realRegistry(t, { auth: { token: authority.settings } });
    const client = clientOf(t, { credentials: async () => registryUser });
    assert.equal((await pushRelease(client, { registry: host, name: "team/a" }, release)).uploaded, 4);
    const scopes = authority.seen.map(({ path }) => new URL(path, "http://x").searchParams.getAll("scope").join(" "));
    // One token for each scope, kept while it is good.
    assert.deepEqual(scopes, ["repository:team/a:pull,push"]);
    const login = `Basic ${Buffer.from("ada:open sesame").toString("base64")}`;
    assert.ok(authority.seen.every(({ headers }) => headers.authorization === login));
    const read = await readRelease(registrySource(client, { registry: host, name: "team/a", digest: release.document.digest }));
    assert.equal((await pushRelease(client, { registry: host, name: "team/b" }, read)).mounted, 4);
  });

  test("an upload whose connection breaks between two pieces goes on where it was", async (t) => {
    const { host } = await realRegistry(t);
    let patches = 0;
    let passed = 0;
    const proxy = await cuttingProxy(t, host, (piece, way) => {
      if (way === "down") return false;
      if (piece.toString("latin1", 0, 6) === "PATCH " && ++patches === 3) return true;
      passed += piece.length;
      return false;
    });
    const client = clientOf(t);
    assert.equal(await client.writeBlob({ registry: proxy.host, name: "a" }, large), "uploaded");
    assert.equal(proxy.cuts(), 1);
    assert.ok(passed < large.size + 64 * 1024, `${passed} bytes for ${large.size}`);
    assert.deepEqual(await bytesOf(client.blob({ registry: host, name: "a" }, large)), large.bytes);
  });

  test("an upload that breaks in the middle of a piece begins again where the registry cannot tell how far it came", async (t) => {
    const { host } = await realRegistry(t);
    let passed = 0;
    const proxy = await cuttingProxy(t, host, (piece, way) => {
      if (way === "up") passed += piece.length;
      return passed > 12 * 2 ** 20 && proxy.cuts() === 0;
    });
    const client = clientOf(t);
    assert.equal(await client.writeBlob({ registry: proxy.host, name: "a" }, large), "uploaded");
    assert.equal(proxy.cuts(), 1);
    assert.deepEqual(await bytesOf(client.blob({ registry: host, name: "a" }, large)), large.bytes);
  });

  test("a download whose connection breaks is continued, not begun again", async (t) => {
    const { host } = await realRegistry(t);
    const client = clientOf(t);
    await client.writeBlob({ registry: host, name: "a" }, large);
    let passed = 0;
    const proxy = await cuttingProxy(t, host, (piece, way) => {
      if (way === "down") passed += piece.length;
      // What a broken connection swallowed passes again, so the total alone would cut once more when much was on its way.
      return proxy.cuts() < 3 && passed > (proxy.cuts() + 1) * 6 * 2 ** 20;
    });
    assert.deepEqual(await bytesOf(client.blob({ registry: proxy.host, name: "a" }, large)), large.bytes);
    assert.equal(proxy.cuts(), 3);
    assert.ok(passed < large.size * 1.5, `${passed} bytes for ${large.size}`);
  });

  test("bytes that somebody changed in the registry are refused", async (t) => {
    const { host, storage } = await realRegistry(t);
    const client = clientOf(t);
    const to = { registry: host, name: "a" };
    await client.writeBlob(to, large);
    await pushRelease(client, to, release, { tag: "v1" });
    const stored = (digest: string) =>
      join(storage, "docker/registry/v2/blobs/sha256", digest.slice(7, 9), digest.slice(7), "data");
    const changed = Buffer.from(large.bytes);
    changed[7_000_000]! ^= 1;
    await writeFile(stored(large.digest), changed);
    await assert.rejects(bytesOf(client.blob(to, large)), { code: "invalid", message: new RegExp(large.digest) });
    await writeFile(stored(release.document.digest), Buffer.from(String(release.document.bytes).replace("arm64", "arm65")));
    await assert.rejects(client.readDocument({ ...to, digest: release.document.digest }), {
      code: /invalid|unavailable|notFound/,
    });
    assert.ok((await readdir(storage)).length > 0);
  });
});

function bytesIn({ images }: typeof release): number {
  return images.flatMap(({ blobs }) => blobs).reduce((sum, { size }) => sum + size, 0);
}

/** An authority for tokens as registries want it: JSON web tokens, signed with the key of a certificate they trust. */
async function tokenAuthority(t: Context) {
  const service = "test-registry";
  const issuer = "test-issuer";
  const folder = await scratch(t);
  const bundle = join(folder, "roots.pem");
  const authority = await TestAuthority.create();
  const { cert, key } = await authority.issue({ name: "issuer.test" });
  await writeFile(bundle, authority.ca);
  const x5c = [cert.replace(/-----[^-]+-----|\s/g, "")];
  const { host, seen } = await scriptedRegistry(t, (request, response) => {
    const query = new URL(request.path, "http://x").searchParams;
    const access = query.getAll("scope").map((scope) => {
      const [type, name, actions = ""] = scope.split(":");
      return { type, name, actions: actions.split(",") };
    });
    const now = Math.floor(systemClock.now() / 1000);
    const claims = {
      iss: issuer,
      sub: "ada",
      aud: service,
      exp: now + 300,
      nbf: now - 10,
      iat: now,
      jti: randomBytes(8).toString("hex"),
      access,
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ typ: "JWT", alg: "ES256", x5c })}.${part(claims)}`;
    const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
    response
      .setHeader("content-type", "application/json")
      .end(JSON.stringify({ token: `${text}.${signature}`, expires_in: 300 }));
  });
  const settings = { realm: `http://${host}/token`, service, issuer, rootcertbundle: bundle };
  return { settings, seen };
}
