import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, chown, mkdtemp, opendir, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import { weightyModel } from "../testing/onnx-model.ts";
import { digits, scratch, scratchStore, writeFiles } from "../testing/scratch.ts";

const child = join(import.meta.dirname, "../testing/build-child.ts");

/** Digests are identities: other bytes for the same content would make every model a new revision. Change them only with the format version. */
const known = {
  v1: "sha256:18c98ea6ca2a77ccfba83c9667edf1956cdd0e42015e60a67aa513c05f6ac995",
  v2: "sha256:13c38341e36a979f6183231cc308a76aeef685be3a645338e11f5ec803b40f53",
};

test("the example's digests are what they always were", async (t) => {
  const store = await scratchStore(t);
  for (const [version, digest] of Object.entries(known)) assert.equal((await store.build(join(digits, version))).digest, digest);
});

const fileName = fc.stringMatching(/^[a-z0-9]{1,8}(\.(txt|bin|json))?$/);
const content = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  // Some large enough to be layers of their own.
  fc.integer({ min: 2 ** 20 - 2, max: 2 ** 20 + 700 }).map((size) => new Uint8Array(size).fill(size % 256)),
);
const tree = fc.dictionary(
  fc.tuple(fc.constantFrom("", "a/", "b/", "b/c/"), fileName).map((parts) => parts.join("")),
  content,
  { maxKeys: 6, noNullPrototype: true },
);

test("a digest tells content, and neither time, mode, directory nor the order of creation", async (t) => {
  const store = await scratchStore(t);
  const seen = new Map<string, string>();
  await fc.assert(
    fc.asyncProperty(tree, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), async (files, order) => {
      const names = Object.keys(files);
      // A file cannot also be a folder.
      fc.pre(names.every((name) => !names.some((other) => other.startsWith(`${name}/`))) && !names.includes("con"));
      const all: [string, Uint8Array][] = [["model.onnx", weightyModel(10, 1)], ...Object.entries(files)];
      const one = await writeFiles(await scratch(t), Object.fromEntries(all));
      const shuffled = all.map((entry, i) => [order[i]!, entry] as const).toSorted(([x], [y]) => x - y);
      const other = await writeFiles(
        join(await scratch(t), "another/name"),
        Object.fromEntries(shuffled.map(([, entry]) => entry)),
      );
      for (const [i, [name]] of all.entries()) {
        await chmod(join(other, name), [0o600, 0o666, 0o755, 0o444][order[i]! % 4]!);
        await utimes(join(other, name), order[i]!, order[i]! * 2);
      }
      const { digest } = await store.build(one);
      assert.equal((await store.build(other)).digest, digest);

      const told = JSON.stringify(all.map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]).toSorted());
      assert.equal(seen.get(digest) ?? told, told, "two contents share a digest");
      seen.set(digest, told);
    }),
    { numRuns: 25 },
  );
});

test("time zone, language and umask do not matter", async (t) => {
  const digestOf = async (environment: NodeJS.ProcessEnv, mask: string) => {
    const { stdout } = await promisify(execFile)(process.execPath, [child, await scratch(t), join(digits, "v2"), "once", mask], {
      env: environment,
    });
    return stdout.trim();
  };
  const digests = await Promise.all([
    digestOf({ TZ: "UTC", LANG: "C" }, "077"),
    digestOf({ TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" }, "000"),
  ]);
  assert.deepEqual(digests, [known.v2, known.v2]);
});

test("the owner does not matter", { skip: process.getuid?.() !== 0 && "only root may give files away" }, async (t) => {
  const model = weightyModel(10, 1);
  const directory = await writeFiles(await scratch(t), { "model.onnx": model });
  const store = await scratchStore(t);
  const { digest } = await store.build(directory);
  await chown(join(directory, "model.onnx"), 65534, 65534);
  assert.equal((await store.build(directory)).digest, digest);
});

test("the order in which a file system lists its files does not matter", async (t) => {
  // A file system in memory lists the newest first; others sort by a hash of the name, where no test has a say.
  const parent = await mkdtemp("/dev/shm/slipway-order-").catch(() => undefined);
  if (parent === undefined) return t.skip("there is no /dev/shm here");
  t.after(() => rm(parent, { recursive: true, force: true }));
  const all: [string, Uint8Array][] = [
    ["model.onnx", weightyModel(10, 1)],
    ["weights.bin", new Uint8Array(2 ** 20 + 5).fill(7)],
    ...Array.from({ length: 8 }, (_, i): [string, Uint8Array] => [`file-${i}.txt`, Buffer.from(`${i}`)]),
  ];
  const one = await writeFiles(join(parent, "one"), Object.fromEntries(all));
  const other = await writeFiles(join(parent, "other"), Object.fromEntries(all.toReversed()));
  const orders = await Promise.all(
    [one, other].map(async (folder) => Array.fromAsync(await opendir(folder), ({ name }) => name)),
  );
  if (orders[0]!.join() === orders[1]!.join()) return t.skip("this file system lists both in one order");
  const store = await scratchStore(t);
  assert.equal((await store.build(one)).digest, (await store.build(other)).digest);
});
