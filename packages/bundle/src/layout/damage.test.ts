import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "@slipway/base";
import { defaultBundleLimits } from "../build/bundle-limits.ts";
import { decodeBundleConfig, encodeBundleConfig } from "../manifest/bundle-config.ts";
import { type Digest, hexOf } from "../manifest/digest.ts";
import { decodeImageManifest, encodeImageManifest } from "../manifest/image-manifest.ts";
import { onnxModel, weightyModel } from "../testing/onnx-model.ts";
import { scratch, writeFiles } from "../testing/scratch.ts";
import { BundleStore } from "./bundle-store.ts";

async function builtStore(t: TestContext) {
  const model = await writeFiles(await scratch(t), { "model.onnx": weightyModel(2 ** 20, 5), "labels.txt": "a\nb\n" });
  const directory = await scratch(t);
  const fresh = () => new BundleStore(directory, { clock: systemClock });
  const { digest } = await fresh().build(model);
  const blob = (wanted: Digest) => join(directory, "blobs/sha256", hexOf(wanted));
  const manifest = decodeImageManifest(await readFile(blob(digest)));
  return {
    directory,
    model,
    digest,
    fresh,
    blob,
    blobs: [digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)],
  };
}

async function flip(location: string, at: number): Promise<void> {
  const bytes = await readFile(location);
  bytes[at]! ^= 1;
  await chmod(location, 0o644);
  await writeFile(location, bytes);
}

test("a blob with one bit flipped is never served, and building again mends it", async (t) => {
  const { digest, model, fresh, blob, blobs } = await builtStore(t);
  for (const wanted of blobs) {
    const { size } = await stat(blob(wanted));
    for (const at of [0, Math.floor(size / 2), size - 1]) {
      await flip(blob(wanted), at);
      await assert.rejects(fresh().open(digest), { code: "invalid" });
      await assert.rejects(fresh().verify(digest), { code: "invalid" });
      await fresh().build(model);
      await fresh().verify(digest);
    }
  }
});

test("a blob cut short or missing is never served, and building again mends it", async (t) => {
  const { digest, model, fresh, blob, blobs } = await builtStore(t);
  for (const wanted of blobs) {
    const { size } = await stat(blob(wanted));
    for (const damage of [() => truncate(blob(wanted), size - 1), () => truncate(blob(wanted), 0), () => rm(blob(wanted))]) {
      await chmod(blob(wanted), 0o644);
      await damage();
      await assert.rejects(fresh().open(digest, { verify: "size" }), { code: /invalid|notFound/ });
      await assert.rejects(fresh().materialize(digest), { code: /invalid|notFound/ });
      await fresh().build(model);
      await fresh().verify(digest);
    }
  }
});

test("unpacked files that were changed, cut or deleted are replaced before they are used", async (t) => {
  const { digest, fresh } = await builtStore(t);
  const directory = await fresh().materialize(digest);
  const model = join(directory, "model/model.onnx");
  const original = await readFile(model);
  const damages = [
    () => flip(model, 1000),
    () => rm(model),
    () => rm(directory, { recursive: true }),
    async () => {
      await rm(model);
      await mkdir(model);
    },
  ];
  for (const damage of damages) {
    await damage();
    assert.equal(await fresh().materialize(digest), directory);
    assert.deepEqual(await readFile(model), original);
  }
});

test("a damaged layer is noticed while unpacking and while reading", async (t) => {
  const { digest, fresh, blob, blobs } = await builtStore(t);
  const bundle = await fresh().open(digest);
  await flip(blob(blobs[3]!), 1000);
  await assert.rejects(fresh().materialize(digest), { code: "invalid" });
  await assert.rejects(bundle.read("model/model.onnx", 1e9), { code: "invalid" });
});

test("a layer that is not the archive its file list describes is refused, although its digest is right", async (t) => {
  const { directory, digest, fresh, blob } = await builtStore(t);
  const add = async (bytes: Buffer) => {
    const hex = createHash("sha256").update(bytes).digest("hex");
    await writeFile(join(directory, "blobs/sha256", hex), bytes);
    return { digest: `sha256:${hex}` as Digest, size: bytes.length };
  };
  const manifest = decodeImageManifest(await readFile(blob(digest)));
  const config = decodeBundleConfig(await readFile(blob(manifest.config.digest)), defaultBundleLimits);
  const layer = await readFile(blob(manifest.layers[0]!.digest));
  for (const at of [156, 345, 520, layer.length - 1]) {
    const hostile = Buffer.from(layer);
    hostile[at] = 0x32; // at 156 it makes the file a symbolic link
    const layers = [await add(hostile), ...manifest.layers.slice(1)];
    const bundle = await add(
      encodeImageManifest({
        config: await add(encodeBundleConfig({ ...config, layers: layers.map((one) => one.digest) })),
        layers,
      }),
    );
    await assert.rejects(fresh().open(bundle.digest), { code: "invalid", message: /not the archive/ });
  }
  const huge = await add(Buffer.alloc(2 ** 20 + 1, " "));
  await assert.rejects(fresh().open(huge.digest), { code: "invalid", message: /more than 1048576/ });
});

test("a damaged index is said, not overwritten", async (t) => {
  const { directory, digest, model, fresh } = await builtStore(t);
  await writeFile(join(directory, "index.json"), '{"schemaVersion":2,"manif');
  await assert.rejects(fresh().list(), { code: "invalid", message: /index/ });
  await assert.rejects(fresh().build(model), { code: "invalid" });
  await assert.rejects(fresh().remove(digest), { code: "invalid" });
});

const canMount = (() => {
  try {
    execFileSync("unshare", ["--mount", "true"], { stdio: "ignore" });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

test("a full disk: said, nothing half made, and mended by space", {
  skip: !canMount && "needs the right to mount a small disk",
}, async (t) => {
  const disk = await scratch(t);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]);
  try {
    const store = new BundleStore(join(disk, "bundles"), { clock: systemClock });
    const small = await store.build(await writeFiles(await scratch(t), { "model.onnx": onnxModel() }));
    const large = await writeFiles(await scratch(t), { "model.onnx": weightyModel(4 * 2 ** 20, 1) });
    await assert.rejects(store.build(large), { code: "storageFull", message: /full/ });
    assert.deepEqual(await readdir(join(disk, "bundles/tmp")), []);
    assert.deepEqual(
      (await store.list()).map(({ digest }) => digest),
      [small.digest],
    );
    await store.verify(small.digest);

    execFileSync("mount", ["-o", "remount,ro", disk]);
    await assert.rejects(store.build(large), { code: "storageFull", message: /read-only/ });
    const another = new BundleStore(join(disk, "not/there/yet"), { clock: systemClock });
    await assert.rejects(another.build(large), { code: "storageFull", message: /read-only/ });
    await assert.rejects(new BundleStore(join(disk, "bundles"), { clock: systemClock }).remove(small.digest), {
      code: "storageFull",
    });
    await new BundleStore(join(disk, "bundles"), { clock: systemClock }).open(small.digest);
    execFileSync("mount", ["-o", "remount,rw,size=20m", disk]);
    await store.build(large);
  } finally {
    execFileSync("umount", [disk]);
  }
});
