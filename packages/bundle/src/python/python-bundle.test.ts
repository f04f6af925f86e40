import assert from "node:assert/strict";
import { appendFile, chmod, cp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { BundleStore } from "../layout/bundle-store.ts";
import { scratch, writeFiles } from "../testing/scratch.ts";
import { findPython } from "./find-python.ts";
import { openUv, uvVersion } from "./open-uv.ts";

const shared = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "slipway", "python");
const missing = await openUv(shared)
  .then(() => findPython("3.11"))
  .then(
    () => false as const,
    (error: Error) => error.message,
  );

/** A store with a cache of its own: nothing is locked or installed before. */
async function freshStore(t: TestContext): Promise<{ store: BundleStore; cache: string; root: string }> {
  const root = await scratch(t);
  const cache = join(root, "cache");
  await writeFiles(cache, {});
  await cp(join(shared, `uv-${uvVersion}`), join(cache, `uv-${uvVersion}`), { recursive: true });
  // Far ahead of the files' times, so that what did not change is remembered.
  const clock = new VirtualClock(Date.UTC(2100, 0));
  return { store: new BundleStore(join(root, "store"), { clock, cache }), cache, root };
}

const files = {
  "model.py": "class Model:\n    def predict(self, inputs): return inputs\n",
  "requirements.txt": "numpy==2.2.6\n",
  ".python-version": "3.11",
};

test("a Python model has its packages in a layer of their own, the same wherever it is built", { skip: missing }, async (t) => {
  const one = await freshStore(t);
  const other = await freshStore(t);
  const model = await writeFiles(await scratch(t), files);
  const first = await one.store.build(model);
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  const again = await other.store.build(await writeFiles(join(await scratch(t), "elsewhere"), files));
  process.umask(before);
  assert.equal(again.digest, first.digest);

  const { manifest } = first;
  assert.ok(manifest.format === "python");
  assert.equal(manifest.environment.python, "3.11");
  assert.match((await first.read("env/lock.txt", 1e6)).toString(), /^numpy==2\.2\.6( --hash=sha256:[0-9a-f]{64})+\n$/);
  const names = manifest.files.map(({ path }) => path);
  assert.ok(names.includes("env/site/numpy/__init__.py"));
  assert.deepEqual(
    names.filter((path) => /\.pyc$|__pycache__|^env\/site\/bin\//.test(path)),
    [],
  );
  assert.doesNotMatch((await first.read("env/site/numpy-2.2.6.dist-info/RECORD", 1e6)).toString(), /\.pyc,|^\.\.\//m);

  const [code, environment] = (await one.store.blobs(first.digest)).layers;
  await appendFile(join(model, "model.py"), "# changed\n");
  const changed = await one.store.build(model);
  const [changedCode, sameEnvironment, ...more] = (await one.store.blobs(changed.digest)).layers;
  assert.deepEqual(more, []);
  assert.notEqual(changedCode!.digest, code!.digest);
  assert.equal(sameEnvironment!.digest, environment!.digest, "a change of code moves no packages");
});

test("an environment is unpacked once for all bundles that have it, verified, and goes with the last of them", {
  skip: missing,
}, async (t) => {
  const { store, root, cache } = await freshStore(t);
  const model = await writeFiles(await scratch(t), files);
  const first = await store.build(model);
  await writeFile(join(model, "other.py"), "x = 1\n");
  const second = await store.build(model);
  const [one, two] = [await first.materialize(), await second.materialize()];
  const environments = join(root, "store/unpacked/environments");
  assert.equal((await readdir(environments)).length, 1);
  const file = (folder: string) => join(folder, "env/site/numpy/__init__.py");
  assert.equal(await readFile(file(one), "utf8"), await readFile(file(two), "utf8"));

  await chmod(file(one), 0o644);
  await appendFile(file(one), "import os\n");
  const reopened = new BundleStore(join(root, "store"), { clock: new VirtualClock(), cache });
  assert.doesNotMatch(await readFile(file(await reopened.materialize(second.digest)), "utf8"), /import os\n$/);

  await store.remove(first.digest);
  assert.equal((await readdir(environments)).length, 1);
  await store.remove(second.digest);
  assert.deepEqual(await readdir(environments), []);
});

test("packages that cannot be had, or would be built here, are refused with the line at fault", { skip: missing }, async (t) => {
  const { store } = await freshStore(t);
  const refuse = async (requirements: string, message: RegExp) => {
    const model = await writeFiles(await scratch(t), { ...files, "requirements.txt": requirements });
    await assert.rejects(store.build(model), (error: { code: string; message: string }) => {
      assert.equal(error.code, "invalid");
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\/(tmp|root|home)\//);
      return true;
    });
  };
  await refuse("numpy==2.2.6\nrequests==99.0\n", /requirements\.txt:2: requests==99\.0.*no version of requests==99\.0/s);
  await refuse("numpy==1.0,==2.0\n", /cannot be locked/);
  await refuse("x @ git+https://example.org/x\n", /requirements\.txt:1: .* elsewhere than the package index/);
  await refuse(
    "numpy==2.2.6 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000\n",
    /cannot be installed.*hash/is,
  );
  assert.deepEqual(await store.list(), []);
});

test("a link in place of a model's file is refused as in any directory", { skip: missing }, async (t) => {
  const { store } = await freshStore(t);
  const model = await writeFiles(await scratch(t), files);
  await rm(join(model, "model.py"));
  await symlink("/etc/passwd", join(model, "model.py"));
  await assert.rejects(store.build(model), { code: "invalid", message: /symbolic link/ });
});
