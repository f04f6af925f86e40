import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { SlipwayError, systemClock } from "@slipway/base";
import { hexOf, parseDigest } from "../manifest/digest.ts";
import { onnxModel, weightyModel } from "../testing/onnx-model.ts";
import { digits, scratch, scratchStore, writeFiles } from "../testing/scratch.ts";
import { BundleStore } from "./bundle-store.ts";

const v1 = join(digits, "v1");
const v2 = join(digits, "v2");
const absent = parseDigest(`sha256:${"0".repeat(64)}`);
const sample = JSON.stringify({ request: { inputs: [{ name: "x", datatype: "FP32", shape: [1, 4], data: [1, 2, 3, 4] }] } });

test("a model directory becomes a bundle that tells what it is and gives its files back", async (t) => {
  const store = await scratchStore(t);
  const { digest } = await store.build(v2, { name: "digits" });
  const bundle = await store.open(digest);
  assert.equal(bundle.manifest.digest, digest);
  assert.equal(bundle.manifest.name, "digits");
  assert.equal("model" in bundle.manifest && bundle.manifest.model, "model/model.onnx");
  assert.deepEqual(bundle.manifest.samples, [
    "model/samples/batch.json",
    "model/samples/extremes.json",
    "model/samples/single.json",
  ]);
  assert.equal(
    bundle.manifest.size,
    bundle.manifest.files.reduce((sum, { size }) => sum + size, 0),
  );

  const directory = await bundle.materialize();
  for (const { path, size } of bundle.manifest.files) {
    const original = await readFile(join(v2, path.slice("model/".length)));
    assert.equal(original.length, size);
    assert.deepEqual(await bundle.read(path, size), original);
    assert.deepEqual(await readFile(join(directory, path)), original);
    assert.equal((await stat(join(directory, path))).mode & 0o222, 0);
  }
});

test("the store is an OCI image layout whose blobs have their digests as names", async (t) => {
  const store = await scratchStore(t);
  const directory = await writeFiles(await scratch(t), { "model.onnx": weightyModel(2 ** 21, 7), "labels.txt": "a\nb\n" });
  const { digest } = await store.build(directory);
  assert.deepEqual(JSON.parse(await readFile(join(store.directory, "oci-layout"), "utf8")), { imageLayoutVersion: "1.0.0" });
  const index = JSON.parse(await readFile(join(store.directory, "index.json"), "utf8"));
  assert.equal(index.manifests[0].digest, digest);
  const blobs = join(store.directory, "blobs/sha256");
  for (const name of await readdir(blobs)) {
    assert.equal(
      createHash("sha256")
        .update(await readFile(join(blobs, name)))
        .digest("hex"),
      name,
    );
  }
  const manifest = JSON.parse(await readFile(join(blobs, hexOf(digest)), "utf8"));
  assert.equal(manifest.layers.length, 2);
  for (const { digest: blob, size } of [manifest.config, ...manifest.layers]) {
    assert.equal((await stat(join(blobs, hexOf(blob)))).size, size);
  }
});

test("manifests in the model directory are not content; other YAML files are", async (t) => {
  const store = await scratchStore(t);
  const directory = await writeFiles(await scratch(t), { "model.onnx": onnxModel(), "labels.yaml": "- a\n" });
  const { digest } = await store.build(directory);
  await writeFiles(directory, { "model.yaml": "apiVersion: slipway.dev/v1alpha1\nkind: Model\n" });
  const bundle = await store.build(directory);
  assert.equal(bundle.digest, digest);
  assert.deepEqual(
    bundle.manifest.files.map(({ path }) => path),
    ["model/labels.yaml", "model/model.onnx"],
  );
});

test("every problem of model directory, model and samples has its error, and leaves nothing behind", async (t) => {
  const cases: readonly (readonly [RegExp, Record<string, string | Uint8Array>])[] = [
    [/no model: .* Expected model\.onnx/, { "labels.txt": "x" }],
    [/2 \.onnx files \(a\.onnx, b\.onnx\)/, { "a.onnx": onnxModel(), "b.onnx": onnxModel() }],
    [/model\.onnx is not a whole ONNX model/, { "model.onnx": onnxModel().subarray(0, 40) }],
    [/Python pickle/, { "model.onnx": Buffer.from("80049514000000000000008c", "hex") }],
    [/samples\/a\.json: request.*\(and 1 more\)/, { "model.onnx": onnxModel(), "samples/a.json": "{}", "samples/b.json": "[" }],
    [/an empty file/, { "model.onnx": "" }],
  ];
  const store = await scratchStore(t);
  for (const [message, files] of cases) {
    await assert.rejects(store.build(await writeFiles(await scratch(t), files)), { code: "invalid", message });
  }
  await assert.rejects(store.build(v1, { name: "../x" }), { code: "invalid" });
  assert.deepEqual(await store.list(), []);
  assert.deepEqual(await readdir(join(store.directory, "tmp")), []);
  assert.deepEqual(await store.diskUsage(), { blobs: 0, unpacked: 0 });
  await store.build(await writeFiles(await scratch(t), { "only.onnx": onnxModel(), "samples/a.json": sample }));
});

test("a large sample is refused", async (t) => {
  const store = await scratchStore(t, { sampleBytes: 20 });
  const directory = await writeFiles(await scratch(t), { "model.onnx": onnxModel(), "samples/a.json": sample });
  await assert.rejects(store.build(directory), { code: "tooLarge", message: /samples\/a\.json/ });
});

test("an absent bundle, a wrong digest, a file it does not have, and a limit", async (t) => {
  const store = await scratchStore(t);
  await assert.rejects(store.open(absent), { code: "notFound", message: /0000/ });
  await assert.rejects(store.materialize(absent), { code: "notFound" });
  await assert.rejects(store.open("sha256:../../index.json" as never), { code: "invalid" });
  assert.equal(await store.remove(absent), false);
  const bundle = await store.build(v1);
  await assert.rejects(bundle.read("model/../../index.json", 1e6), { code: "notFound" });
  await assert.rejects(bundle.read("model/model.onnx", 10), { code: "tooLarge" });
  assert.throws(() => bundle.open("__proto__"), { code: "notFound" });
});

test("names move to the newest bundle", async (t) => {
  const store = await scratchStore(t);
  const { digest: first } = await store.build(v1, { name: "digits" });
  await store.build(v1, { name: "also" });
  await store.build(v1);
  const names = async () => new Map((await store.list()).map((bundle) => [bundle.digest, bundle.names]));
  assert.deepEqual((await names()).get(first), ["also", "digits"]);
  const { digest: second } = await store.build(v2, { name: "digits" });
  assert.deepEqual(
    await names(),
    new Map([
      [first, ["also"]],
      [second, ["digits"]],
    ]),
  );
});

test("removing a bundle keeps what others share, and what is being read is read to its end", async (t) => {
  const store = await scratchStore(t);
  const shared = weightyModel(2 ** 21, 3);
  const one = await store.build(await writeFiles(await scratch(t), { "model.onnx": shared, "labels.txt": "1" }));
  const two = await store.build(await writeFiles(await scratch(t), { "model.onnx": shared, "labels.txt": "2" }));
  const directory = await one.materialize();
  const reading = one.open("model/model.onnx")[Symbol.asyncIterator]();
  const chunks = [(await reading.next()).value];
  assert.equal(await store.remove(one.digest), true);
  assert.equal(await store.remove(two.digest), true);
  for (let next = await reading.next(); !next.done; next = await reading.next()) chunks.push(next.value);
  assert.deepEqual(Buffer.concat(chunks), shared);
  await assert.rejects(stat(directory), { code: "ENOENT" });
  assert.deepEqual(await store.diskUsage(), { blobs: 0, unpacked: 0 });

  const again = await store.build(await writeFiles(await scratch(t), { "model.onnx": shared, "labels.txt": "1" }));
  await store.build(await writeFiles(await scratch(t), { "model.onnx": shared, "labels.txt": "2" }));
  await store.remove(again.digest);
  await new BundleStore(store.directory, { clock: systemClock }).open(two.digest);
});

test("twenty builds of the same and other content at once, from two stores on one directory", async (t) => {
  const store = await scratchStore(t);
  const twin = new BundleStore(store.directory, { clock: systemClock });
  const built = await Promise.all(
    Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? store : twin).build(i % 3 === 0 ? v1 : v2, { name: `n${i}` })),
  );
  assert.equal(new Set(built.map(({ digest }) => digest)).size, 2);
  await Promise.all(built.map((bundle) => bundle.materialize()));
  const listed = await store.list();
  assert.equal(listed.flatMap(({ names }) => names).length, 20);
  for (const { digest } of listed) await store.verify(digest);
  assert.deepEqual(await readdir(join(store.directory, "tmp")), []);
});

test("building and removing at once, from two stores: what is listed is whole", async (t) => {
  const store = await scratchStore(t);
  const twin = new BundleStore(store.directory, { clock: systemClock });
  const shared = weightyModel(2 ** 20, 9);
  const models = await Promise.all(
    ["1", "2", "3"].map(async (labels) => writeFiles(await scratch(t), { "model.onnx": shared, "labels.txt": labels })),
  );
  const digests = await Promise.all(models.map(async (model) => (await store.build(model)).digest));
  const churn = Array.from({ length: 30 }, (_, i) => {
    const user = i % 2 === 0 ? store : twin;
    const step = i % 3 === 0 ? user.remove(digests[i % digests.length]!) : user.build(models[i % models.length]!);
    // Removed again before the builder could open it: said as such.
    return step.catch((error: SlipwayError) => assert.match(error.code, /notFound|invalid/));
  });
  await Promise.all(churn);
  for (const { digest } of await store.list()) await twin.verify(digest);
  for (const model of models) await store.verify((await twin.build(model)).digest);
});

test("a build that is aborted leaves nothing", async (t) => {
  const store = await scratchStore(t);
  await assert.rejects(store.build(v1, { signal: AbortSignal.abort() }), { code: "cancelled" });
  assert.deepEqual(await readdir(join(store.directory, "tmp")), []);
});

test("sweeping deletes what no bundle has and keeps the rest", async (t) => {
  const store = await scratchStore(t);
  const bundle = await store.build(v1);
  const directory = await bundle.materialize();
  const stray = join(store.directory, "blobs/sha256", "1".repeat(64));
  await writeFile(stray, "left by a crash");
  await writeFiles(store.directory, { [`unpacked/sha256/${"2".repeat(64)}/model/x`]: "x" });
  await store.sweep();
  await assert.rejects(stat(stray), { code: "ENOENT" });
  assert.deepEqual(await readdir(join(store.directory, "unpacked/sha256")), [hexOf(bundle.digest)]);
  await store.verify(bundle.digest);
  assert.equal(await bundle.materialize(), directory);
});

test("errors never carry the paths of this machine", async (t) => {
  const store = await scratchStore(t);
  const directory = await writeFiles(await scratch(t), { "model.onnx": "x" });
  await assert.rejects(store.build(directory), (error: SlipwayError) => {
    assert.ok(error instanceof SlipwayError);
    assert.equal(JSON.stringify([error.message, error.hint, error.problems]).includes(directory), false);
    return true;
  });
});
