import assert from "node:assert/strict";
import { test } from "node:test";
import { type KubernetesObject, renderInstall } from "@slipway/kubernetes";
import { parseAllDocuments } from "yaml";
import { runForTest } from "../testing/run-cli.ts";
import { nowhere } from "./nowhere.ts";

const image = `registry.example/slipway@sha256:${"1".repeat(64)}`;
const platform = { ...nowhere.platform, version: "0.1.0" };
const run = (args: readonly string[], env: Record<string, string> = {}) => runForTest(args, { platform, env });

test("a dry run prints exactly what is applied, and needs no cluster", async () => {
  const plain = await run(["install", "--image", image, "--dry-run"]);
  assert.equal(plain.code, 0, plain.stderr);
  const objects = parseAllDocuments(plain.stdout).map((document) => document.toJS() as KubernetesObject);
  assert.deepEqual(objects, renderInstall({ image, version: "0.1.0" }));
  const flags = [
    "-n",
    "ml",
    "--model-namespace",
    "a",
    "--model-namespace",
    "b",
    "--host",
    "m.example",
    "--parent-gateway",
    "infra/public",
  ];
  const full = await run(["install", "--dry-run", "-o", "json", ...flags], { SLIPWAY_RUNTIME_IMAGE: image });
  assert.equal(full.code, 0, full.stderr);
  const settings = {
    image,
    version: "0.1.0",
    namespace: "ml",
    modelNamespaces: ["a", "b"],
    hosts: ["m.example"],
    parentGateway: { namespace: "infra", name: "public" },
  };
  assert.deepEqual(JSON.parse(full.stdout).items, JSON.parse(JSON.stringify(renderInstall(settings))));
});

test("what is wrong with a command line of an administrator is said before any cluster is asked", async () => {
  const refused = async (args: readonly string[], code: number, message: RegExp) => {
    const result = await run(args, { HOME: "/nowhere" });
    assert.equal(result.code, code, `${args.join(" ")}: ${result.stderr}`);
    assert.match(result.stderr, message);
  };
  await refused(["install", "--dry-run"], 2, /not said which image.*\n?.*runtime-image/s);
  await refused(["install", "--image", "slipway:latest", "--dry-run"], 5, /Not an image by digest/);
  await refused(["install", "--image", image, "-o", "yaml"], 2, /say both/);
  await refused(["install", "--image", image, "--dry-run", "--parent-gateway", "public"], 2, /does not name a Gateway/);
  await refused(["install", "--image", image, "--dry-run", "--model-namespace", "Big"], 5, /"Big" is not a namespace/);
  await refused(["install", "--image", image], 2, /There is no kubeconfig/);
  await refused(["uninstall"], 2, /There is no kubeconfig/);
  await refused(["key", "create"], 2, /Which key\?/);
  await refused(["key", "list", "x"], 2, /takes no name/);
  await refused(["key", "revoke", "x", "--model", "a/b"], 2, /--model goes with/);
});
