import assert from "node:assert/strict";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "@slipway/base";
import type { Digest } from "../manifest/digest.ts";
import { noise } from "../testing/noise.ts";
import { weightyModel } from "../testing/onnx-model.ts";
import { scratch, scratchStore, writeFiles } from "../testing/scratch.ts";
import { BundleStore } from "./bundle-store.ts";

const mebibyte = 2 ** 20;
const size = 24 * mebibyte;
const original = noise("weights", size);

/** The weights after a fine-tune: one part changed, and everything behind a longer beginning. */
function tuned(round: number, share = 0.05): Buffer {
  const changed = Buffer.from(original);
  noise(`tuned ${round}`, size * share).copy(changed, size / 2 + round * 1000);
  return Buffer.concat([Buffer.from(`a longer beginning ${round}`), changed]);
}

async function setUp(t: TestContext) {
  const home = join(await scratch(t), "bundles");
  const model = await writeFiles(await scratch(t), { "model.onnx": weightyModel(10, 1), "weights.bin": original });
  const fresh = () => new BundleStore(home, { clock: systemClock });
  const build = async (weights: Buffer) => {
    await writeFile(join(model, "weights.bin"), weights);
    return (await fresh().build(model)).digest;
  };
  const used = async () => (await fresh().diskUsage()).blobs;
  const weightsOf = async (digest: Digest) => await readFile(join(await fresh().materialize(digest), "model", "weights.bin"));
  return { home, model, fresh, build, used, weightsOf };
}

test("a fine-tune of 5 % takes little more than 5 % of the disk, and has the digest it has everywhere", async (t) => {
  const { model, fresh, build, used, weightsOf } = await setUp(t);
  const first = await build(original);
  const before = await used();
  const second = await build(tuned(1));
  const added = (await used()) - before;
  assert.ok(added < size * 0.07, `${added} bytes for ${size}`);
  assert.equal((await (await scratchStore(t)).build(model)).digest, second, "how it is stored does not show in the digest");
  for (const digest of [first, second]) await fresh().verify(digest);
  assert.ok((await weightsOf(first)).equals(original));
  assert.ok((await weightsOf(second)).equals(tuned(1)));
  // The blobs of the bundle are whole for whoever asks for them, from any byte on.
  const layer = (await fresh().blobs(second)).layers.find((each) => each.size > size)!;
  const tail: Uint8Array[] = [];
  for await (const chunk of layer.open(512 + size / 2)) tail.push(chunk);
  assert.ok(
    Buffer.concat(tail)
      .subarray(0, size / 2)
      .equals(tuned(1).subarray(size / 2, size)),
  );
});

test("removing the bundle it was tuned from takes nothing from it; removing both leaves nothing", async (t) => {
  const { home, fresh, build, used, weightsOf } = await setUp(t);
  const first = await build(original);
  const second = await build(tuned(1));
  await fresh().remove(first);
  await fresh().sweep();
  assert.ok((await weightsOf(second)).equals(tuned(1)));
  await fresh().verify(second);
  await fresh().remove(second);
  assert.equal(await used(), 0);
  for (const folder of ["pieces/sha256", "blobs/sha256", "tmp"]) assert.deepEqual(await readdir(join(home, folder)), [], folder);
});

test("fine-tunes of fine-tunes stay readable, and what a store has whole is not written again", async (t) => {
  const { fresh, build, used, weightsOf } = await setUp(t);
  const digests = [await build(original)];
  const before = await used();
  for (let round = 1; round <= 20; round++) digests.push(await build(tuned(round, 0.01)));
  assert.ok((await used()) - before < 20 * size * 0.1);
  for (const digest of digests) await fresh().verify(digest);
  assert.ok((await weightsOf(digests[20]!)).equals(tuned(20, 0.01)));
  const after = await used();
  assert.equal(await build(original), digests[0]);
  assert.equal(await used(), after);
});

test("a byte that rots under two bundles is noticed in both, and building again mends both", async (t) => {
  const { home, fresh, build, weightsOf } = await setUp(t);
  const first = await build(original);
  const second = await build(tuned(1));
  const layer = (await fresh().blobs(first)).layers.find((each) => each.size > size)!;
  const blob = join(home, "blobs/sha256", layer.digest.slice("sha256:".length));
  const bytes = await readFile(blob);
  bytes[mebibyte]! ^= 1;
  await chmod(blob, 0o644);
  await writeFile(blob, bytes);
  for (const digest of [first, second]) await assert.rejects(fresh().verify(digest), { code: "invalid" });
  await assert.rejects(fresh().materialize(second), { code: "invalid" });
  assert.equal(await build(original), first);
  assert.equal(await build(tuned(1)), second);
  for (const digest of [first, second]) await fresh().verify(digest);
  assert.ok((await weightsOf(second)).equals(tuned(1)));
});

test("a blob that vanishes while a fine-tune of it is built is written again", async (t) => {
  const { home, model, fresh, build } = await setUp(t);
  const first = await build(original);
  await writeFile(join(model, "weights.bin"), tuned(1));
  const store = fresh();
  // Taken away as soon as the build has begun to write.
  const building = store.build(model);
  while ((await readdir(join(home, "tmp"))).length === 0);
  await fresh().remove(first);
  const { digest } = await building;
  await fresh().verify(digest);
});

test("a damaged list of pieces is refused, never followed", async (t) => {
  const { home, fresh, build } = await setUp(t);
  await build(original);
  const second = await build(tuned(1));
  const folder = join(home, "pieces/sha256");
  const [name] = await readdir(folder);
  const list = await readFile(join(folder, name!), "utf8");
  for (const wrong of [
    "",
    "{}",
    "[[]]",
    list.replace(/\d+\]\]$/, "1]]"),
    list.replaceAll("sha256:", "sha256:../"),
    list.replace("[[", "[[1,2,3],["),
  ]) {
    await writeFile(join(folder, name!), wrong);
    await assert.rejects(fresh().open(second, { verify: "size" }), { code: "invalid" }, wrong.slice(0, 40));
  }
  await writeFile(join(folder, name!), list);
  await fresh().verify(second);
  assert.ok((await stat(join(folder, name!))).size < 100_000);
});
