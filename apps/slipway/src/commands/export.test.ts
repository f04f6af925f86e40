import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { runForTest } from "../testing/run-cli.ts";

const digits = join(import.meta.dirname, "../../../../examples/digits");
const image = `registry.example/digits@sha256:${"1".repeat(64)}`;

test("a Model's objects are printed from its file alone, the same each time", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "slipway-export-"));
  t.after(() => rm(home, { recursive: true }));
  const run = (...args: string[]) => runForTest(["export", "k8s", "--home", home, ...args], { cwd: digits });
  const first = await run("-f", "model.yaml", "--image", image);
  assert.deepEqual([first.code, first.stderr], [0, ""]);
  const objects = parseAllDocuments(first.stdout).map((document) => document.toJS());
  assert.deepEqual(
    objects.map(({ kind }) => kind),
    ["ServiceAccount", "NetworkPolicy", "ConfigMap", "Service", "PodDisruptionBudget", "Deployment"],
  );
  const deployment = objects.at(-1);
  assert.match(deployment.metadata.name, /^digits-[0-9a-f]{10}$/);
  assert.equal(deployment.spec.template.spec.containers[0].image, image);
  assert.match(JSON.parse(objects[2].data["replica.json"]).bundle, /^sha256:[0-9a-f]{64}$/);
  assert.equal((await run("-f", "model.yaml", "--image", `digits=${image}`)).stdout, first.stdout);
  const list = JSON.parse((await run("-f", "model.yaml", "--image", image, "-o", "json")).stdout);
  assert.deepEqual(list.items, objects);
});

test("what a file alone cannot say is refused, and what is no Model is left to its author", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-export-"));
  t.after(() => rm(directory, { recursive: true }));
  const model = (more: string) =>
    `apiVersion: slipway.dev/v1alpha1\nkind: Model\nmetadata: { name: m }\nspec:\n  source: { bundle: "sha256:${"0".repeat(64)}" }\n${more}`;
  const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: { name: team }\n";
  const run = async (text: string, ...args: string[]) => {
    const file = join(directory, "file.yaml");
    await writeFile(file, text);
    return runForTest(["export", "k8s", "--home", join(directory, "home"), "-f", file, ...args]);
  };
  const both = await run(`${namespace}---\n${model("")}`, "--image", image);
  assert.deepEqual([both.code, both.stderr], [0, "Namespace team is applied as it is, and not printed again.\n"]);
  const pinned = await run(model("  traffic: [{ revision: m-0123456789, percent: 100 }]\n"), "--image", image);
  assert.equal(pinned.code, 5);
  assert.match(pinned.stderr, /sends requests to m-0123456789.*\n?.*hint: Leave out spec\.traffic/s);
  assert.match((await run(namespace, "--image", image)).stderr, /There is no Model/);
  assert.match((await run(model(""), "--image", "registry.example/m:latest")).stderr, /Not an image by digest/);
  assert.equal((await run(model(""))).code, 2);
  const named = model("").replace(`${"0".repeat(64)}"`, `${"0".repeat(64)}", image: "${image}"`);
  assert.match((await run(named)).stdout, new RegExp(`image: ${image}`));
});
