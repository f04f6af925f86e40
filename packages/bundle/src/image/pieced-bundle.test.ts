import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "@slipway/base";
import { cuttingProxy, realRegistry, registryMissing } from "@slipway/testkit";
import { BundleStore } from "../layout/bundle-store.ts";
import { temporaryPath } from "../layout/temporary.ts";
import { type Digest, hexOf } from "../manifest/digest.ts";
import { mediaTypes } from "../manifest/image-manifest.ts";
import { type BlobSource, memoryBlob } from "../registry/blob-source.ts";
import { RegistryClient } from "../registry/registry-client.ts";
import { ImpatientClock } from "../testing/impatient-clock.ts";
import { noise } from "../testing/noise.ts";
import { weightyModel } from "../testing/onnx-model.ts";
import { scratch, scratchStore, writeFiles } from "../testing/scratch.ts";
import { findBundle } from "./bundle-origin.ts";
import { copyReference } from "./copy-reference.ts";
import { decodePiecedManifest, decodePieces, encodePiecedBundle, piecedTypes, piecesTag } from "./pieced-bundle.ts";
import { pushBundle } from "./push-bundle.ts";

const mebibyte = 2 ** 20;
const size = 24 * mebibyte;
const original = noise("weights", size);
const tuned = Buffer.from(original);
noise("tuned", size / 20).copy(tuned, size / 2);

async function setUp(t: TestContext) {
  const registry = await realRegistry(t);
  const traffic = { down: 0, up: 0, broken: false };
  const proxy = await cuttingProxy(t, registry.host, (piece, way) => {
    traffic[way] += piece.length;
    return traffic.broken && way === "down" && traffic.down > 10 * mebibyte;
  });
  const client = new RegistryClient({ clock: new ImpatientClock() });
  t.after(() => client.close());
  const store = await scratchStore(t);
  const model = await writeFiles(await scratch(t), { "model.onnx": weightyModel(10, 1), "weights.bin": original });
  const first = (await store.build(model)).digest;
  await writeFile(join(model, "weights.bin"), tuned);
  const second = (await store.build(model)).digest;
  const repository = { registry: proxy.host, name: "team/model" };
  const push = async (digest: Digest, tag: string, to = repository) => {
    traffic.up = 0;
    await pushBundle(client, to, await store.blobs(digest), { tag });
    return traffic.up;
  };
  const pull = async (into: BundleStore, reference: { tag: string } | { digest: Digest }) => {
    traffic.down = 0;
    const { digest, origin } = await findBundle(client, { ...repository, ...reference });
    await into.receive(digest, async () => origin);
    await into.verify(digest);
    return { digest, moved: traffic.down };
  };
  return { registry, client, store, model, first, second, repository, traffic, push, pull };
}

test("a fine-tune moves little more than what it changed, to a registry and from one", { skip: registryMissing }, async (t) => {
  const { first, second, push, pull, repository, client } = await setUp(t);
  assert.ok((await push(first, "v1")) > size);
  const pushed = await push(second, "v2");
  assert.ok(pushed < size * 0.07, `${pushed} bytes pushed`);
  assert.ok((await push(second, "v2")) < 50_000, "what is there is not sent again");

  const home = await scratchStore(t);
  assert.equal((await pull(home, { tag: "v1" })).digest, first);
  const fine = await pull(home, { digest: second });
  assert.equal(fine.digest, second);
  assert.ok(fine.moved < size * 0.07, `${fine.moved} bytes pulled`);
  const weights = await readFile(join(await home.materialize(second), "model/weights.bin"));
  assert.ok(weights.equals(tuned));

  const empty = await scratchStore(t);
  assert.equal((await pull(empty, { tag: "v2" })).digest, second);
  assert.ok((await readFile(join(await empty.materialize(second), "model/weights.bin"))).equals(tuned));
  const bytes = (await empty.diskUsage()).blobs;
  // What it was tuned from is a blob like any other, and shared when that is pulled, too.
  assert.ok((await pull(empty, { tag: "v1" })).moved < 100_000);
  assert.ok((await empty.diskUsage()).blobs < bytes + 100_000);

  await assert.rejects(findBundle(client, { ...repository, digest: `sha256:${"a".repeat(64)}` }), { code: "notFound" });
});

test("where a registry has nothing of it, a fine-tune goes there whole, as an ordinary bundle", {
  skip: registryMissing,
}, async (t) => {
  const { client, second, push, repository } = await setUp(t);
  assert.ok((await push(second, "v2")) > size);
  const { mediaType, bytes } = await client.readDocument({ ...repository, tag: "v2" });
  assert.equal(mediaType, mediaTypes.manifest);
  assert.equal((JSON.parse(String(bytes)) as { artifactType: string }).artifactType, mediaTypes.artifact);
});

test("a byte that rotted in this store is fetched again, not built upon", { skip: registryMissing }, async (t) => {
  const { first, second, push, pull } = await setUp(t);
  await push(first, "v1");
  await push(second, "v2");
  const home = await scratchStore(t);
  await pull(home, { tag: "v1" });
  const layer = (await home.blobs(first)).layers.find((each) => each.size > size)!;
  const blob = join(home.directory, "blobs/sha256", hexOf(layer.digest));
  const bytes = await readFile(blob);
  bytes[mebibyte]! ^= 1;
  await chmod(blob, 0o644);
  await writeFile(blob, bytes);
  assert.ok((await pull(home, { tag: "v2" })).moved > size);
  await home.verify(second);
  await home.verify(first);
});

test("a pull that was cut off goes on where it was, also after the process died", { skip: registryMissing }, async (t) => {
  const { first, push, pull, traffic } = await setUp(t);
  await push(first, "v1");
  const home = await scratchStore(t);
  traffic.broken = true;
  await assert.rejects(pull(home, { tag: "v1" }), { code: "unavailable" });
  assert.deepEqual(await home.list(), []);
  const [name] = await readdir(join(home.directory, "partial"));
  assert.ok(name !== undefined, "what came was kept");
  // As a process leaves it that is killed while it fetches.
  const [host, , tail] = basename(temporaryPath(home.directory)).split("-");
  const left = join(home.directory, "tmp", `${host}-${spawnSync("true").pid}-${tail}`, "blobs/sha256");
  await mkdir(left, { recursive: true });
  await rename(join(home.directory, "partial", name), join(left, name));
  traffic.broken = false;
  const again = new BundleStore(home.directory, { clock: systemClock });
  const { moved } = await pull(again, { tag: "v1" });
  assert.ok(moved < size - 5 * mebibyte, `${moved} bytes in the second try`);
  for (const folder of ["partial", "tmp"]) assert.deepEqual(await readdir(join(home.directory, folder)), [], folder);
});

test("kept parts that are wrong are fetched anew", { skip: registryMissing }, async (t) => {
  const { first, push, pull, store } = await setUp(t);
  await push(first, "v1");
  const layer = (await store.blobs(first)).layers.find((each) => each.size > size)!;
  for (const wrong of [noise("wrong", 2 * mebibyte), noise("too long", size + 2 * mebibyte)]) {
    const home = await scratchStore(t);
    await writeFiles(home.directory, { [`partial/${hexOf(layer.digest)}`]: wrong });
    await pull(home, { tag: "v1" });
    await home.verify(first);
  }
});

test("a copy has the same digest elsewhere, also of a bundle in pieces", { skip: registryMissing }, async (t) => {
  const { client, registry, first, second, push, repository } = await setUp(t);
  await push(first, "v1");
  await push(second, "v2");
  const inside = { registry: registry.host, name: "released/model" };
  const from = { registry: registry.host, name: repository.name };
  const within = await copyReference(client, { ...from, tag: "v2" }, inside, { tag: "v2" });
  assert.deepEqual([within.digest, within.count.uploaded, within.count.bytes], [second, 0, 0]);
  const elsewhere = { registry: (await realRegistry(t)).host, name: "released/model" };
  assert.equal((await copyReference(client, { ...from, tag: "v1" }, elsewhere, { tag: "v1" })).digest, first);
  const { digest, count } = await copyReference(client, { ...from, digest: second }, elsewhere);
  assert.equal(digest, second);
  assert.ok(count.bytes < size * 0.07, `${count.bytes} bytes copied`);
  for (const at of [inside, elsewhere]) {
    const home = await scratchStore(t);
    const found = await findBundle(client, { ...at, digest: second });
    await home.receive(second, async () => found.origin);
    await home.verify(second);
  }
  await assert.rejects(copyReference(client, { ...from, tag: "v3" }, elsewhere), { code: "notFound" });
});

test("a registry that dies in the middle of a push has nothing that can be pulled; the next push ends it", {
  skip: registryMissing,
}, async (t) => {
  const { registry, store, first, pull } = await setUp(t);
  let up = 0;
  let dead = true;
  const proxy = await cuttingProxy(t, registry.host, (piece, way) => {
    if (way === "up") up += piece.length;
    return dead && up > 12 * mebibyte;
  });
  const client = new RegistryClient({ clock: new ImpatientClock() });
  t.after(() => client.close());
  const to = { registry: proxy.host, name: "team/model" };
  await assert.rejects(pushBundle(client, to, await store.blobs(first), { tag: "v1" }), { code: "unavailable" });
  assert.ok(proxy.cuts() > 1);
  await assert.rejects(pull(await scratchStore(t), { tag: "v1" }), { code: "notFound" });
  dead = false;
  assert.equal((await pushBundle(client, to, await store.blobs(first), { tag: "v1" })).uploaded > 0, true);
  assert.equal((await pull(await scratchStore(t), { tag: "v1" })).digest, first);
});

test("pieces that a registry changed are refused, and nothing is kept", { skip: registryMissing }, async (t) => {
  const { client, first, second, push, repository, store } = await setUp(t);
  await push(first, "v1");
  await push(second, "v2");
  const document = (await client.readDocument({ ...repository, tag: "v2" })).bytes;
  const parts = decodePiecedManifest(document);
  const listed = await contentOf(client.blob(repository, { ...parts.list, mediaType: piecedTypes.list }));
  const { layers } = decodePieces(listed, parts.blobs);
  const bundle = await store.blobs(second);
  const config = memoryBlob(mediaTypes.config, bundle.config);
  const [layer, pieces] = [...layers][0]!;
  const forged = async (list: typeof pieces, whose = bundle.manifest) => {
    const made = encodePiecedBundle({ manifest: whose, config, blobs: parts.blobs, layers: new Map([[layer, list]]) });
    for (const blob of [made.list, config]) await client.writeBlob(repository, blob);
    await client.writeDocument(repository, made.document, piecesTag(second));
    const home = await scratchStore(t);
    const pulling = findBundle(client, { ...repository, digest: second }).then(({ digest, origin }) =>
      home.receive(digest, async () => origin),
    );
    await assert.rejects(pulling, { code: "invalid" });
    assert.deepEqual(await home.list(), []);
    assert.deepEqual(await readdir(join(home.directory, "tmp")).catch(() => []), []);
  };
  await forged(pieces.slice(1));
  await forged([...pieces.slice(1), pieces[0]!]);
  await forged([
    { ...pieces[0]!, offset: 1, size: pieces[0]!.size - 1 },
    ...pieces.slice(1),
    { ...pieces[0]!, offset: 0, size: 1 },
  ]);
  await forged([{ ...pieces[0]!, size: 1e15 }]);
  // Another bundle under the tag of this one.
  await forged(pieces, (await store.blobs(first)).manifest);
});

test("an artifact of pieces in another form is refused", () => {
  const blob = { digest: `sha256:${"b".repeat(64)}` as Digest, size: 5 };
  const { document, list } = encodePiecedBundle({ manifest: Buffer.from("{}"), config: blob, blobs: [blob], layers: new Map() });
  assert.deepEqual(decodePiecedManifest(document.bytes), {
    list: { digest: list.digest, size: list.size },
    blobs: [blob],
  });
  const text = String(document.bytes);
  for (const wrong of [
    text.replace('"size":5}]', '"size":5,"urls":["https://evil.example/x"]}]'),
    text.replace("sha256:b", "sha256:../"),
    text.replace('"size":5', '"size":-5'),
    text.replace(piecedTypes.list, "application/x-evil"),
    text.replace(/"layers":\[.*\]/, '"layers":[]'),
    "{",
  ])
    assert.throws(() => decodePiecedManifest(Buffer.from(wrong)), { code: "invalid" }, wrong);
  const many = Array.from({ length: 17 }, (_, i) => ({ digest: `sha256:${String(i).padStart(64, "0")}` as Digest, size: 5 }));
  const spread = { layers: [{ layer: blob.digest, pieces: many.map(({ digest }) => [digest, 0, 5]) }] };
  assert.throws(() => decodePieces(Buffer.from(JSON.stringify(spread)), many), { code: "invalid", message: /too many blobs/ });
  const outside = { layers: [{ layer: blob.digest, pieces: [[blob.digest, 3, 3]] }] };
  assert.throws(() => decodePieces(Buffer.from(JSON.stringify(outside)), [blob]), { code: "invalid", message: /outside/ });
});

async function contentOf(blob: BlobSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob.open(0)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
