// Models of scikit-learn, XGBoost and LightGBM that come without code: trained here, saved as their libraries do, served, and compared.
import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { silentLog, systemClock } from "@slipway/base";
import { BundleStore, findPython } from "@slipway/bundle";
import { startReplica } from "@slipway/serve";
import { run } from "./harness/platform.ts";
import { ScratchFolder } from "./harness/scratch-folder.ts";
import { cacheFolder, pythonMissing } from "./python/python-environment.ts";

const requirements = "scikit-learn==1.7.2\nskops==0.13.0\nlightgbm==4.6.0\nxgboost-cpu==3.0.5\nnumpy==2.2.6\n";
const trainer = join(import.meta.dirname, "python", "train-models.py");

interface Trained {
  readonly rows: number[][];
  readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe("models of Python libraries without code", { skip: pythonMissing() ?? false }, () => {
  let scratch: ScratchFolder;
  let store: BundleStore;
  let trained: Trained;
  before(async () => {
    scratch = await ScratchFolder.create();
    store = new BundleStore(join(scratch.path, "store"), { clock: systemClock, cache: cacheFolder });
    // Any Python model with these packages brings the environment to train in.
    const bundle = await store.build(await directory("trainer", { "model.py": "class Model: pass\n" }));
    const { executable } = await findPython("3.11");
    const made = join(scratch.path, "made");
    await mkdir(made);
    const result = await run(executable, ["-I", "-S", trainer, join(await bundle.materialize(), "env", "site"), made]);
    assert.equal(result.code, 0, result.stderr);
    trained = JSON.parse(await readFile(join(made, "answers.json"), "utf8")) as Trained;
  });
  after(() => scratch.remove());

  async function directory(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    const folder = join(scratch.path, name);
    await mkdir(folder, { recursive: true });
    const all = { "requirements.txt": requirements, ".python-version": "3.11\n", ...files };
    for (const [file, text] of Object.entries(all)) await writeFile(join(folder, file), text);
    return folder;
  }

  for (const [file, platform, datatype] of [
    ["model.skops", "sklearn", "FP64"],
    ["model.ubj", "xgboost", "FP32"],
    ["model.lgb", "lightgbm", "FP64"],
  ] as const) {
    it(`${file} answers as its library does`, async () => {
      const folder = await directory(platform, {});
      await copyFile(join(scratch.path, "made", file), join(folder, file));
      const bundle = await store.build(folder);
      const replica = await startReplica({
        ...{ namespace: "default", model: "m", revision: "m-1", clock: systemClock, log: silentLog },
        manifest: bundle.manifest,
        directory: await bundle.materialize(),
      });
      try {
        const { rows } = trained;
        const inputs = [{ name: "x", datatype, shape: [rows.length, rows[0]!.length], data: rows.flat() }];
        const body = Buffer.from(JSON.stringify({ inputs }));
        const caller = { cancelled: false, deadlineAt: undefined };
        const answer = await replica.handle({ model: "m", operation: "infer", headers: {}, body, caller });
        assert.equal(answer.status, 200, answer.body.toString());
        const { outputs } = JSON.parse(answer.body.toString()) as { outputs: { name: string; data: number[] }[] };
        assert.deepEqual(Object.fromEntries(outputs.map(({ name, data }) => [name, data])), trained.answers[platform]);
      } finally {
        await replica.close();
      }
    });
  }

  it("a file that would run code is refused, with what to save instead", async () => {
    const folder = await directory("pickled", { "model.joblib": "\x80\x04." });
    await assert.rejects(store.build(folder), (error: { message: string; hint: string }) => {
      assert.match(error.message, /model\.joblib is of a kind that runs code when it is loaded/);
      assert.match(error.hint, /skops\.io\.dump/);
      return true;
    });
  });

  it("a file that is not what its name says is refused when it is loaded", async () => {
    for (const file of ["model.skops", "model.ubj", "model.lgb"]) {
      const bundle = await store.build(await directory(`wrong-${file}`, { [file]: "\x80\x04cos\nsystem\n." }));
      const names = { namespace: "default", model: "m", revision: "m-1", clock: systemClock, log: silentLog };
      const start = startReplica({ ...names, manifest: bundle.manifest, directory: await bundle.materialize() });
      await assert.rejects(start, { code: "invalid", message: /does not load/ }, file);
    }
  });
});
