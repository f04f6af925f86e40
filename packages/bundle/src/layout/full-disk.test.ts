import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@slipway/base";
import { noise } from "../testing/noise.ts";
import { weightyModel } from "../testing/onnx-model.ts";
import { scratch, scratchStore, writeFiles } from "../testing/scratch.ts";
import { BundleStore } from "./bundle-store.ts";

const mayMount = process.platform === "linux" && process.getuid?.() === 0;

test("a disk that fills while a bundle comes in keeps what it had, and nothing of the new one", {
  skip: !mayMount && "only root on Linux can mount a small disk",
}, async (t) => {
  const home = await mkdtemp(join(tmpdir(), "slipway-full-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", home], { stdio: "ignore" });
  } catch {
    return t.skip("this machine does not let even root mount a small disk");
  }
  t.after(async () => {
    execFileSync("umount", ["-l", home]);
    await rm(home, { recursive: true });
  });
  const model = await writeFiles(await scratch(t), { "model.onnx": weightyModel(10, 1), "weights.bin": noise("a", 9 << 20) });
  const store = new BundleStore(home, { clock: systemClock });
  const first = (await store.build(model)).digest;

  const source = await scratchStore(t);
  await writeFile(join(model, "weights.bin"), noise("b", 12 << 20));
  const second = (await source.build(model)).digest;
  const { manifest, config, layers } = await source.blobs(second);
  const origin = async () => ({
    manifest,
    blob: ({ digest, kind }: { digest: string; kind: string }, _: unknown, from = 0) =>
      kind === "config"
        ? (async function* () {
            yield config.subarray(from);
          })()
        : layers.find((each) => each.digest === digest)!.open(from),
  });
  await assert.rejects(store.receive(second, origin), { code: "storageFull" });
  await assert.rejects(store.build(model), { code: "storageFull" });
  for (const folder of ["tmp", "partial"]) assert.deepEqual(await readdir(join(home, folder)).catch(() => []), [], folder);
  await store.verify(first);
  await store.remove(first);
  await store.receive(second, origin);
  await store.verify(second);
});
