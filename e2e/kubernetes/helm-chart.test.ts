// The Helm chart, rendered by the real helm: the very objects that `slipway install` applies.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type InstallSettings, type KubernetesObject, renderInstall } from "@slipway/kubernetes";
import { parseAllDocuments } from "yaml";
import packageJson from "../../apps/slipway/package.json" with { type: "json" };
import { root, run } from "../harness/platform.ts";
import { judge, judgesMissing } from "./judges/judge-binaries.ts";

const skip = judgesMissing("helm") ?? false;
if (skip !== false) console.error(`left out: the Helm chart, rendered by helm. ${skip}`);

const { version } = packageJson;
const image = `registry.example/slipway@sha256:${"1".repeat(64)}`;
const chart = join(root, "charts/slipway");

describe("the Helm chart", { skip }, () => {
  const home = mkdtempSync(join(tmpdir(), "slipway-helm-"));
  after(() => rmSync(home, { recursive: true }));
  const env = { HOME: home, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home };

  async function template(values: object, namespace = "slipway-system") {
    const args = ["template", "slipway", chart, "--namespace", namespace, "--kube-version", "1.34.0", "--values", "-"];
    return run(await judge("helm"), args, { env, input: JSON.stringify(values) });
  }

  async function rendered(values: object, namespace?: string): Promise<Map<string, unknown>> {
    const { code, stdout, stderr } = await template(values, namespace);
    assert.equal(code, 0, stderr);
    const objects = parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject | null);
    return byTitle(objects.filter((object) => object !== null));
  }

  /** What install applies but for the namespace, which Helm makes, and the two marks that Helm's objects have. */
  function installed(settings: Omit<InstallSettings, "version">): Map<string, unknown> {
    const objects = renderInstall({ version, ...settings }).filter(({ kind }) => kind !== "Namespace");
    const text = JSON.stringify(objects).replaceAll(
      '"app.kubernetes.io/managed-by":"slipway"',
      '"app.kubernetes.io/managed-by":"Helm"',
    );
    return byTitle(
      (JSON.parse(text) as KubernetesObject[]).map((object) =>
        object.kind === "CustomResourceDefinition"
          ? { ...object, metadata: { ...object.metadata, annotations: { "helm.sh/resource-policy": "keep" } } }
          : object,
      ),
    );
  }

  test("with its own values", async () => {
    assert.deepEqual(await rendered({ image }), installed({ image }));
  });

  test("with everything that can be asked for, in another namespace", async () => {
    const settings = {
      modelNamespaces: ["default", "team-a"],
      hosts: ["models.example.com", "models.example.org"],
      parentGateway: { namespace: "infrastructure", name: "public" },
    };
    const expected = installed({ image, namespace: "ml", ...settings });
    assert.deepEqual(await rendered({ image, ...settings }, "ml"), expected);
    const more = await rendered({ image, gateway: { replicas: 5 } });
    assert.equal((more.get("Deployment slipway-system/slipway-gateway") as { spec: { replicas: number } }).spec.replicas, 5);
  });

  test("refuses what install refuses, and a value that it does not have", async () => {
    const refused = async (values: object, message: RegExp) => {
      const { code, stderr } = await template(values);
      assert.notEqual(code, 0);
      assert.match(stderr, message);
    };
    await refused({}, /image/);
    await refused({ image: "registry.example/slipway:latest" }, /image/);
    await refused({ image, modelNamespaces: ["slipway-system"] }, /Models cannot run in the platform's own namespace/);
    await refused({ image, replicas: 3 }, /replicas/);
    await refused({ image, hosts: ["https://models.example.com"] }, /hosts/);
  });
});

function byTitle(objects: readonly KubernetesObject[]): Map<string, unknown> {
  return new Map(
    objects
      .map((object) => [`${object.kind} ${object.metadata.namespace ?? ""}/${object.metadata.name}`, object] as const)
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}
