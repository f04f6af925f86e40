import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@slipway/base";
import { weightyModel } from "../testing/onnx-model.ts";
import { scratch, writeFiles } from "../testing/scratch.ts";
import { BundleStore } from "./bundle-store.ts";

const child = join(import.meta.dirname, "../testing/build-child.ts");
const rounds = 8;

async function names(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

test("SIGKILL at any moment of building leaves a store that serves nothing half made", async (t) => {
  const directory = join(await scratch(t), "bundles");
  let killed = 0;
  let leftovers = 0;
  for (let round = 0; round < rounds; round++) {
    const model = await writeFiles(await scratch(t), {
      "model.onnx": weightyModel(3 * 2 ** 20, round),
      "labels.txt": `${round}`,
    });
    const process = spawn(globalThis.process.execPath, [child, directory, model, "forever"], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const exited = once(process, "exit");
    // Killed after so many looks at its work: other moments in every round, early in its first build or late in a later one.
    const seen = new Set<string>();
    const deadline = systemClock.monotonic() + 30_000;
    for (let looks = 0; seen.size < 1 + (round % 4) || looks < round * 10; looks++) {
      assert.ok(systemClock.monotonic() < deadline, "the child never began to build");
      for (const name of await names(join(directory, "tmp"))) seen.add(name);
    }
    process.kill("SIGKILL");
    const [, signal] = await exited;
    assert.equal(signal, "SIGKILL");
    killed++;
    leftovers += (await names(join(directory, "tmp"))).length;

    const store = new BundleStore(directory, { clock: systemClock });
    for (const { digest } of await store.list()) {
      await store.verify(digest);
      await store.materialize(digest);
    }
    await store.sweep();
    assert.deepEqual(await names(join(directory, "tmp")), []);
    const { digest } = await store.build(model);
    await store.verify(digest);
    assert.deepEqual((await store.list()).map((bundle) => bundle.digest).includes(digest), true);
  }
  assert.equal(killed, rounds);
  assert.notEqual(leftovers, 0, "no round was killed in the middle of its work");
});
