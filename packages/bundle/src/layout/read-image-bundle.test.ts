import assert from "node:assert/strict";
import { chmod, cp, mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "@slipway/base";
import { hexOf } from "../manifest/digest.ts";
import { decodeImageManifest } from "../manifest/image-manifest.ts";
import { weightyModel } from "../testing/onnx-model.ts";
import { scratch, writeFiles } from "../testing/scratch.ts";
import { BundleStore } from "./bundle-store.ts";
import { imageBundlePath, readImageBundle } from "./read-image-bundle.ts";

/** The file system of a runnable image, as far as a bundle is concerned. */
async function imageRoot(t: TestContext, labels = "a\nb\n") {
  const model = await writeFiles(await scratch(t), { "model.onnx": weightyModel(2 ** 16, 5), "labels.txt": labels });
  const directory = await scratch(t);
  const store = new BundleStore(directory, { clock: systemClock });
  const { digest } = await store.build(model);
  const root = await scratch(t);
  await cp(await store.materialize(digest), root, { recursive: true });
  await chmod(join(root, "model"), 0o755);
  const folder = join(root, imageBundlePath);
  await mkdir(folder, { recursive: true });
  const manifest = await readFile(join(directory, "blobs/sha256", hexOf(digest)));
  await writeFile(join(folder, "manifest.json"), manifest);
  const config = await readFile(join(directory, "blobs/sha256", hexOf(decodeImageManifest(manifest).config.digest)));
  await writeFile(join(folder, "config.json"), config);
  return { root, digest, manifest: (await store.open(digest)).manifest };
}

test("readImageBundle() finds the bundle that the image was made of", async (t) => {
  const { root, manifest } = await imageRoot(t);
  assert.deepEqual(await readImageBundle(root), manifest);
});

test("readImageBundle() refuses an image without a bundle, or with one that was changed in any place", async (t) => {
  await assert.rejects(readImageBundle(await scratch(t)), { code: "invalid", message: /the image has no file/ });
  const other = await imageRoot(t, "c\n");
  const config = (root: string) => join(root, imageBundlePath, "config.json");
  for (const [why, change] of [
    [/its config has not the digest/, async (root: string) => cp(config(other.root), config(root))],
    [/the image has no file .*config.json/, async (root: string) => rm(config(root))],
    [/model\/model.onnx is missing/, async (root: string) => rm(join(root, "model/model.onnx"))],
    [/labels.txt has 3 bytes instead of 4/, async (root: string) => truncate(join(root, "model/labels.txt"), 3)],
    [/labels.txt has been changed/, async (root: string) => writeFile(join(root, "model/labels.txt"), "a\nc\n")],
    [/manifest/, async (root: string) => writeFile(join(root, imageBundlePath, "manifest.json"), "{}")],
  ] as const) {
    const { root } = await imageRoot(t);
    await chmod(join(root, "model/labels.txt"), 0o644);
    await change(root);
    await assert.rejects(readImageBundle(root), { code: "invalid", message: why });
  }
});
