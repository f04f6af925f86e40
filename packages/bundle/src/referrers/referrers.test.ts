import assert from "node:assert/strict";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { systemClock } from "@slipway/base";
import { realRegistry, registryMissing } from "@slipway/testkit";
import { pushBundle } from "../image/push-bundle.ts";
import { BundleStore } from "../layout/bundle-store.ts";
import { hexOf } from "../manifest/digest.ts";
import { mediaTypes } from "../manifest/image-manifest.ts";
import { RegistryClient } from "../registry/registry-client.ts";
import { onnxModel } from "../testing/onnx-model.ts";
import { scratch, writeFiles } from "../testing/scratch.ts";
import { decodeReferrer, digestOf, encodeReferrer } from "./referrer.ts";
import { pullReferrers, pushReferrers } from "./registry-referrers.ts";

const text = (content: string) => Buffer.from(content);

async function withBundle(t: TestContext) {
  const directory = await scratch(t);
  const store = new BundleStore(directory, { clock: systemClock });
  const { digest } = await store.build(await writeFiles(await scratch(t), { "model.onnx": onnxModel() }), { name: "a" });
  const other = await store.build(await writeFiles(await scratch(t), { "model.onnx": onnxModel(), "x.txt": "x" }), { name: "b" });
  return { directory, store, digest, other: other.digest, fresh: () => new BundleStore(directory, { clock: systemClock }) };
}

test("a document is an OCI artifact with the bundle as its subject, kept once, and the bundle's digest stays", async (t) => {
  const { store, digest, fresh } = await withBundle(t);
  const first = await store.referrers.attach(digest, "signature", text("one"));
  await store.referrers.attach(digest, "signature", text("one"));
  await store.referrers.attach(digest, "signature", text("two"));
  const manifest = JSON.parse(first.manifest.toString("utf8"));
  assert.equal(manifest.subject.digest, digest);
  assert.equal(manifest.artifactType, "application/vnd.dev.sigstore.bundle.v0.3+json");
  const found = await fresh().referrers.list(digest, "signature");
  assert.deepEqual(found.map(({ content }) => content.toString()).sort(), ["one", "two"]);
  assert.deepEqual(await fresh().referrers.list(digest, "sbom"), []);
  assert.equal((await fresh().open(digest)).digest, digest);
  await assert.rejects(store.referrers.attach(`sha256:${"0".repeat(64)}`, "sbom", text("x")), { code: "notFound" });
});

test("documents outlive builds, names and sweeps, and go with their bundle", async (t) => {
  const { directory, store, digest, other, fresh } = await withBundle(t);
  await store.referrers.attach(digest, "sbom", text("about a"));
  await store.referrers.attach(other, "sbom", text("about b"));
  await store.build(await writeFiles(await scratch(t), { "model.onnx": onnxModel(), "y.txt": "y" }), { name: "a" });
  await fresh().sweep();
  assert.equal((await fresh().referrers.list(digest)).length, 1);
  const blobs = async () => (await readdir(join(directory, "blobs/sha256"))).length;
  const before = await blobs();
  await fresh().remove(digest);
  assert.deepEqual(await fresh().referrers.list(digest), []);
  assert.equal((await fresh().referrers.list(other)).length, 1);
  assert.ok((await blobs()) < before);
  await fresh().sweep();
  assert.equal((await fresh().referrers.list(other))[0]!.content.toString(), "about b");
});

test("a document with a flipped bit is never given", async (t) => {
  const { directory, store, digest, fresh } = await withBundle(t);
  const { digest: manifest, content } = await store.referrers.attach(digest, "sbom", text("contents"));
  for (const wanted of [manifest, digestOf(content)]) {
    const location = join(directory, "blobs/sha256", hexOf(wanted));
    const bytes = await readFile(location);
    await chmod(location, 0o644);
    await writeFile(location, Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]));
    await assert.rejects(fresh().referrers.list(digest), { code: "invalid" });
    await writeFile(location, bytes);
  }
});

test("an artifact of another form is refused, one of another kind left alone", () => {
  const subject = { digest: `sha256:${"1".repeat(64)}`, size: 10 } as const;
  const good = JSON.parse(encodeReferrer(subject, "sbom", text("x")).manifest.toString("utf8"));
  const decode = (change: object) => decodeReferrer(Buffer.from(JSON.stringify({ ...good, ...change })));
  assert.equal(decode({})?.subject, subject.digest);
  assert.equal(decode({ artifactType: "application/vnd.other" }), undefined);
  for (const change of [
    { subject: undefined },
    { subject: { digest: "sha256:../../etc/x" } },
    { layers: [] },
    { layers: [good.layers[0], good.layers[0]] },
    { layers: [{ ...good.layers[0], urls: ["http://elsewhere"] }] },
    { layers: [{ ...good.layers[0], size: 2 ** 40 }] },
  ])
    assert.throws(() => decode(change), { code: "invalid" }, JSON.stringify(change));
});

describe("a real registry", { skip: registryMissing }, () => {
  test("documents go there with their bundle and come back, also where the registry does not know referrers", async (t) => {
    const { store, digest } = await withBundle(t);
    const { host } = await realRegistry(t);
    const client = new RegistryClient({ clock: systemClock });
    t.after(() => client.close());
    const repository = { registry: host, name: "team/a" };
    await pushBundle(client, repository, await store.blobs(digest), { tag: "v1" });
    assert.deepEqual(await pullReferrers(client, repository, digest), []);
    await store.referrers.attach(digest, "sbom", text("bill"));
    await pushReferrers(client, repository, digest, await store.referrers.list(digest));
    await store.referrers.attach(digest, "signature", text("sealed"));
    await pushReferrers(client, repository, digest, await store.referrers.list(digest, "signature"));
    const pulled = await pullReferrers(client, repository, digest);
    assert.deepEqual(pulled.map(({ kind, content }) => `${kind} ${content}`).sort(), ["sbom bill", "signature sealed"]);
    // What somebody listed under the bundle's tag although it is about another one.
    const other = encodeReferrer({ digest: `sha256:${"1".repeat(64)}`, size: 1 }, "sbom", text("bill"));
    await client.writeDocument(repository, { digest: other.digest, mediaType: mediaTypes.manifest, bytes: other.manifest });
    await pushReferrers(client, repository, digest, [other]);
    await assert.rejects(pullReferrers(client, repository, digest), { code: "invalid", message: /about something else/ });
  });
});
