import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { nowhere } from "../commands/nowhere.ts";
import { readManifests } from "./read-manifests.ts";

async function folder(context: TestContext, files: Record<string, string | Uint8Array>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-manifests-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}

test("a directory gives its manifests in the order of their names, and nothing else", async (context) => {
  const cwd = await folder(context, {
    "b.yml": "b: 1\n---\nb: 2\n",
    "a.yaml": "a: 1\n",
    "c.json": '{"c": 1}',
    "README.md": "no: yes",
  });
  await mkdir(join(cwd, "inner"));
  const documents = await readManifests({ ...nowhere, cwd }, ["."]);
  assert.deepEqual(
    documents.map((document) => [document.file, document.value]),
    [
      ["a.yaml", { a: 1 }],
      ["b.yml", { b: 1 }],
      ["b.yml", { b: 2 }],
      ["c.json", { c: 1 }],
    ],
  );
  assert.ok(documents.every((document) => document.directory === cwd));
});

test("standard input is read with -, relative to the working directory", async () => {
  const stdin = (async function* () {
    yield new TextEncoder().encode("a: ");
    yield new TextEncoder().encode("1\n");
  })();
  const [document] = await readManifests({ ...nowhere, cwd: "/here", stdin }, ["-"]);
  assert.deepEqual([document?.file, document?.directory, document?.value], ["-", "/here", { a: 1 }]);
});

test("an interrupt ends the wait for standard input", async () => {
  const stop = new AbortController();
  const stdin = (async function* () {
    stop.abort(new Error("interrupted"));
    yield await new Promise<Uint8Array>(() => {});
  })();
  await assert.rejects(readManifests({ ...nowhere, stdin, signal: stop.signal }, ["-"]), /interrupted/);
});

test("what cannot be read is said in one sentence", async (context) => {
  const cwd = await folder(context, {
    "empty.yaml": "# nothing\n",
    "latin1.yaml": new Uint8Array([0x61, 0x3a, 0x20, 0xe4]),
    "big.yaml": "a: 1 # ".padEnd(3 * 1024 * 1024 + 1, "x"),
    "bad1.yaml": "a: 1\na: 2\n",
    "bad2.yaml": "b: !x 1\n",
  });
  await mkdir(join(cwd, "none"));
  const reading = (...names: string[]) => readManifests({ ...nowhere, cwd }, names);
  await assert.rejects(reading("missing.yaml"), { code: "notFound", message: "There is no file missing.yaml." });
  await assert.rejects(reading("none"), { code: "notFound", message: /no \*\.yaml, \*\.yml or \*\.json/ });
  await assert.rejects(reading("empty.yaml"), { code: "invalid", message: "There is no manifest in empty.yaml." });
  await assert.rejects(reading("latin1.yaml"), { code: "invalid", message: "latin1.yaml is not UTF-8 text." });
  await assert.rejects(reading("big.yaml"), { code: "tooLarge" });
  await assert.rejects(reading("bad1.yaml", "bad2.yaml"), (error: { problems: unknown[] }) => error.problems.length === 2);
});
