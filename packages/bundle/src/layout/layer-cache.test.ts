import assert from "node:assert/strict";
import { readdir, rename, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { hexOf } from "../manifest/digest.ts";
import { weightyModel } from "../testing/onnx-model.ts";
import { scratch, writeFiles } from "../testing/scratch.ts";
import { BundleStore } from "./bundle-store.ts";

/** A store whose clock is `ahead` of the files' times. */
async function storeWithModel(t: TestContext, ahead: number) {
  const model = await writeFiles(await scratch(t), { "model.onnx": weightyModel(2 ** 20, 1) });
  const location = join(model, "model.onnx");
  const directory = await scratch(t);
  const changed = (await stat(location)).ctimeMs;
  const store = new BundleStore(directory, { clock: new VirtualClock(changed + ahead) });
  /** The inode of the model's layer: writing it again changes it. */
  const layerOf = async () => {
    const blobs = join(directory, "blobs/sha256");
    const stats = await Promise.all((await readdir(blobs)).map((name) => stat(join(blobs, name))));
    return stats.find(({ size }) => size > 2 ** 20)!.ino;
  };
  return { store, model, location, directory, layerOf };
}

test("an unchanged large file is not read again", async (t) => {
  const { store, model, layerOf } = await storeWithModel(t, 10_000);
  const { digest } = await store.build(model);
  const inode = await layerOf();
  const again = await store.build(model);
  assert.deepEqual([again.digest, await layerOf()], [digest, inode]);
  await store.build(model, { reuse: false });
  assert.notEqual(await layerOf(), inode);
});

test("other content under the same size, name and modification time is read", async (t) => {
  const { store, model, location } = await storeWithModel(t, 10_000);
  const { digest } = await store.build(model);
  const before = await stat(location);
  await writeFile(location, weightyModel(2 ** 20, 2));
  await utimes(location, before.atime, before.mtime);
  const changed = await store.build(model);
  assert.notEqual(changed.digest, digest);
  await writeFile(`${location}.new`, weightyModel(2 ** 20, 3));
  await rename(`${location}.new`, location);
  assert.equal(new Set([digest, changed.digest, (await store.build(model)).digest]).size, 3);
});

test("a file that changed a moment ago is not remembered: its next change may carry the same time", async (t) => {
  const { store, model, layerOf } = await storeWithModel(t, 1);
  await store.build(model);
  const inode = await layerOf();
  await store.build(model);
  assert.notEqual(await layerOf(), inode);
});

test("a remembered layer that is gone is made again", async (t) => {
  const { store, model, directory } = await storeWithModel(t, 10_000);
  const { digest } = await store.build(model);
  await store.remove(digest);
  await store.build(model);
  await store.verify(digest);
  assert.ok((await readdir(join(directory, "blobs/sha256"))).includes(hexOf(digest)));
});
