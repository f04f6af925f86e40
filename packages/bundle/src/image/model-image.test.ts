import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@slipway/base";
import { realRegistry, registryMissing } from "@slipway/testkit";
import { BundleStore } from "../layout/bundle-store.ts";
import { hexOf } from "../manifest/digest.ts";
import { RegistryClient } from "../registry/registry-client.ts";
import { digits, scratch, scratchStore } from "../testing/scratch.ts";
import { findBundle } from "./bundle-origin.ts";
import { composeImage, composeRelease } from "./image.ts";
import { readLayoutDirectory, writeLayoutDirectory } from "./layout-directory.ts";
import { bundleLabel, modelImage } from "./model-image.ts";
import { packLayer } from "./pack-layer.ts";
import { pushBundle } from "./push-bundle.ts";
import { pushRelease } from "./push-release.ts";
import { readRelease } from "./read-release.ts";
import { readTar } from "./read-tar.ts";

const v1 = join(digits, "v1");
const run = { entrypoint: ["/slipway/bin/node"], user: "65532:65532", env: ["A=b"], labels: { title: "t" } };

async function runtime() {
  const layer = await packLayer([{ path: "usr/x", mode: 0o755, content: Buffer.from("program") }]);
  return composeRelease([composeImage("arm64", [layer], run), composeImage("amd64", [layer], run)]);
}

test("the same runtime and bundle always give the same image, made of the bundle's own blobs", async (t) => {
  const store = await scratchStore(t);
  const { digest } = await store.build(v1);
  const bundle = await store.blobs(digest);
  const image = modelImage(await runtime(), bundle);
  assert.equal(image.document.digest, modelImage(await runtime(), await store.blobs(digest)).document.digest);
  assert.deepEqual(
    image.images.map(({ architecture }) => architecture),
    ["amd64", "arm64"],
  );
  for (const { document, blobs, layers } of image.images) {
    const manifest = JSON.parse(document.bytes.toString());
    assert.equal(manifest.layers.length, 1 + bundle.layers.length + 1);
    assert.deepEqual(
      manifest.layers.slice(1, -1).map((layer: { digest: string }) => layer.digest),
      bundle.layers.map((layer) => layer.digest),
    );
    assert.equal(manifest.annotations[bundleLabel], digest);
    const config = JSON.parse(String(await contentOf(blobs.at(-1)!)));
    assert.equal(config.config.User, "65532:65532");
    assert.equal(config.config.Labels[bundleLabel], digest);
    assert.equal(config.created, "1970-01-01T00:00:00Z");
    for (const [i, { blob, diffId }] of layers.entries()) {
      assert.equal(config.rootfs.diff_ids[i], diffId);
      // What is not compressed is its own archive.
      if (!blob.mediaType.endsWith("gzip")) assert.equal(blob.digest, diffId);
    }
    const files = new Map<string, Buffer>();
    for (const { blob } of layers.slice(1)) for await (const { path, content } of readTar(blob.open(0))) files.set(path, content);
    assert.equal(`sha256:${createHash("sha256").update(files.get("slipway/bundle/manifest.json")!).digest("hex")}`, digest);
    assert.deepEqual(files.get("slipway/bundle/config.json"), bundle.config);
    assert.deepEqual(files.get("model/model.onnx"), await readFile(join(v1, "model.onnx")));
  }
});

test("an image layout is written, read, and not written over", async (t) => {
  const store = await scratchStore(t);
  const image = modelImage(await runtime(), await store.blobs((await store.build(v1)).digest));
  const directory = join(await scratch(t), "image");
  await writeLayoutDirectory(directory, [image]);
  const [source] = await readLayoutDirectory(directory);
  const read = await readRelease(source!);
  assert.equal(read.document.digest, image.document.digest);
  for (const blob of read.images.flatMap(({ blobs }) => blobs)) {
    assert.equal(
      `sha256:${createHash("sha256")
        .update(await contentOf(blob))
        .digest("hex")}`,
      blob.digest,
    );
  }
  await assert.rejects(writeLayoutDirectory(directory, [image]), { code: "alreadyExists" });
  await assert.rejects(readLayoutDirectory(await scratch(t)), { code: "notFound" });
  await rm(join(directory, "blobs/sha256", hexOf(image.document.digest)));
  await writeFile(
    join(directory, "blobs/sha256", hexOf(image.document.digest)),
    String(image.document.bytes).replace("arm64", "arm65"),
  );
  const [changed] = await readLayoutDirectory(directory);
  await assert.rejects(readRelease(changed!), { code: "invalid", message: /not the ones of that digest/ });
  await writeFile(join(directory, "index.json"), "{");
  await assert.rejects(readLayoutDirectory(directory), { code: "invalid" });
});

test("a bundle goes to a registry, alone and in an image, and comes back verified", { skip: registryMissing }, async (t) => {
  const { host, storage } = await realRegistry(t);
  const client = new RegistryClient({ clock: systemClock });
  t.after(() => client.close());
  const store = await scratchStore(t);
  const { digest } = await store.build(v1);
  const bundle = await store.blobs(digest);
  const repository = { registry: host, name: "models/digits" };
  await pushBundle(client, repository, bundle, { tag: "bundle" });
  // The bundle's blobs are the image's: nothing of them is sent again.
  const pushed = await pushRelease(client, repository, modelImage(await runtime(), bundle), { tag: "image" });
  assert.equal(pushed.present, bundle.layers.length);

  for (const tag of ["bundle", "image"]) {
    const other = await scratchStore(t);
    const found = await findBundle(client, { ...repository, tag });
    assert.equal(found.digest, digest);
    let asked = 0;
    const origin = async () => {
      asked++;
      return found.origin;
    };
    const received = await Promise.all([1, 2, 3].map(() => other.receive(digest, origin, { name: "digits" })));
    assert.equal(asked, 1);
    assert.deepEqual(received[0]!.manifest.files, (await store.open(digest)).manifest.files);
    await other.receive(digest, origin, { name: "other" });
    assert.equal(asked, 1);
    assert.deepEqual((await other.list())[0]!.names, ["digits", "other"]);
    await other.verify(digest);
  }

  const layer = bundle.layers[0]!;
  const stored = join(storage, "docker/registry/v2/blobs/sha256", hexOf(layer.digest).slice(0, 2), hexOf(layer.digest), "data");
  const bytes = await readFile(stored);
  bytes[600]! ^= 1;
  await writeFile(stored, bytes);
  const third = await scratchStore(t);
  const { origin } = await findBundle(client, { ...repository, tag: "image" });
  await assert.rejects(
    third.receive(digest, async () => origin),
    { code: "invalid" },
  );
  assert.deepEqual(await third.list(), []);
  assert.deepEqual(await third.diskUsage(), { blobs: 0, unpacked: 0 });
  // A layer that is here already, and whole, is not asked for; so the registry's damage does not matter.
  const fourth = await scratchStore(t);
  await fourth.build(v1);
  await fourth.receive(digest, async () => origin);

  const plain = await runtime();
  await pushRelease(client, repository, plain, { tag: "runtime" });
  await assert.rejects(findBundle(client, { ...repository, tag: "runtime" }), { code: "invalid", message: /without a model/ });
});

test("what comes in place of a bundle is refused, and leaves nothing", async (t) => {
  const store = await scratchStore(t);
  const { digest } = await store.build(v1);
  const { digest: wrong } = await store.build(join(digits, "v2"));
  const bundle = await store.blobs(digest);
  const target = await scratchStore(t);
  const blob = ({ digest: part, kind }: { digest: string; kind: string }) =>
    kind === "config" ? once(bundle.config) : bundle.layers.find((layer) => layer.digest === part)!.open(0);
  const origins: Record<string, Parameters<BundleStore["receive"]>[1]> = {
    "another bundle's manifest": async () => ({ manifest: (await store.blobs(wrong)).manifest, blob }),
    "no manifest": async () => ({ manifest: Buffer.from("{}"), blob }),
    "a huge manifest": async () => ({ manifest: Buffer.alloc(2 ** 21), blob }),
    "a cut config": async () => ({
      manifest: bundle.manifest,
      blob: (part) => (part.kind === "config" ? once(bundle.config.subarray(1)) : blob(part)),
    }),
    "an endless layer": async () => ({
      manifest: bundle.manifest,
      blob: (part) => (part.kind === "layer" ? endless() : blob(part)),
    }),
    "a broken transfer": async () => ({
      manifest: bundle.manifest,
      blob: (part) => (part.kind === "layer" ? broken() : blob(part)),
    }),
  };
  for (const [name, origin] of Object.entries(origins)) {
    await assert.rejects(
      target.receive(digest, origin),
      (error: { code: string }) => /invalid|unavailable|internal/.test(error.code),
      name,
    );
    assert.deepEqual(await target.list(), [], name);
    assert.deepEqual(await target.diskUsage(), { blobs: 0, unpacked: 0 }, name);
  }
  await target.receive(digest, async () => ({ manifest: bundle.manifest, blob }));
  await target.verify(digest);
});

test("a bundle that rotted here is fetched again", async (t) => {
  const store = await scratchStore(t);
  const { digest } = await store.build(v1);
  const bundle = await store.blobs(digest);
  const target = await scratchStore(t);
  await target.build(v1);
  const location = join(target.directory, "blobs/sha256", hexOf(bundle.layers[0]!.digest));
  const bytes = await readFile(location);
  bytes[600]! ^= 1;
  await rm(location);
  await writeFile(location, bytes);
  const fresh = new BundleStore(target.directory, { clock: systemClock });
  const blob = ({ kind }: { kind: string }) => (kind === "config" ? once(bundle.config) : bundle.layers[0]!.open(0));
  await fresh.receive(digest, async () => ({ manifest: bundle.manifest, blob }));
  await new BundleStore(target.directory, { clock: systemClock }).verify(digest);
});

async function contentOf(blob: { open(from: number): AsyncIterable<Uint8Array> }): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob.open(0)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

async function* endless() {
  for (;;) yield Buffer.alloc(2 ** 16);
}

async function* broken() {
  yield Buffer.alloc(10);
  throw new Error("the connection broke");
}
