// The Helm chart, as Helm installs, upgrades and uninstalls it on a real cluster with a model in it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arch } from "node:process";
import { after, before, describe, test } from "node:test";
import { kubectl, kubectlApply, kubectlGet } from "../cluster/index.ts";
import { requestFor } from "../harness/digits.ts";
import { eventually } from "../harness/eventually.ts";
import { type CommandResult, root, run } from "../harness/platform.ts";
import { cameSince, clusterInventory } from "./harness/cluster-inventory.ts";
import { DigitsInCluster } from "./harness/digits-in-cluster.ts";
import {
  type Bring,
  gatewayAddress,
  Installation,
  identities,
  isReady,
  modelNamespace,
  modelPodsReady,
  podsOf,
  systemNamespace,
} from "./harness/installation.ts";
import { leftOut } from "./harness/use-cluster.ts";
import { judge, judgesMissing } from "./judges/judge-binaries.ts";

const what = "the Helm chart on a cluster";
const missing = judgesMissing("helm");
if (missing !== undefined) console.error(`left out: ${what}. ${missing}`);

const release = ["slipway", join(root, "charts/slipway"), "--namespace", systemNamespace, "--wait", "--timeout", "120s"];
const level = { "pod-security.kubernetes.io/enforce": "restricted" };

describe(what, { skip: missing ?? leftOut(what, "kinds") }, () => {
  const home = mkdtempSync(join(tmpdir(), "slipway-helm-"));
  let installation: Installation;
  let untouched: string[];
  let other: string;

  before(async () => {
    installation = await Installation.up(modelNamespace, withHelm);
    other = await installation.otherImage("--architecture", arch === "x64" ? "amd64" : arch);
  });
  after(async () => {
    await kubectl("delete", "namespace", systemNamespace, modelNamespace, "--ignore-not-found", "--timeout=60s");
    await installation?.close();
    rmSync(home, { recursive: true });
  });

  /** As the documentation says, in a cluster without Slipway and with the namespace of the Models. */
  const withHelm: Bring = async ({ slipway, image, namespace, kubeconfig }) => {
    await slipway(["uninstall", "--delete-models"]);
    await kubectlApply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: level } }]);
    await eventually("the namespace is complete", 30, async () =>
      (await kubectl("-n", namespace, "get", "configmaps,serviceaccounts", "-o", "name")).includes("kube-root-ca.crt"),
    );
    untouched = await clusterInventory(kubectl);
    await helm(kubeconfig, "install", ...release, "--create-namespace", ...values(image, namespace));
    await kubectl("label", "namespace", systemNamespace, "pod-security.kubernetes.io/enforce=restricted");
  };

  test("installed: a model answers, and slipway install leaves the upgrade to Helm", async () => {
    const digits = await DigitsInCluster.prepare(installation);
    await digits.apply("v1");
    await answers();
    const refused = await installation.slipway(["install"]);
    assert.equal(refused.code, 4, refused.stderr);
    assert.match(refused.stderr, /installed in this cluster by Helm, as release slipway in slipway-system.*helm upgrade/s);
  });

  test("upgraded to another image: every pod of the platform is new, no pod of the model is", async () => {
    const before = identities(await modelPodsReady("digits", 1));
    await helm(installation.cluster.kubeconfig, "upgrade", ...release, "--reuse-values", "--set", `image=${other}`);
    // Helm does not wait for the old ones to go.
    await eventually("two operators and two gateways run the other image, and nobody the old one", 60, async () => {
      const pods = (await podsOf(systemNamespace, "app.kubernetes.io/part-of=slipway")).filter(isReady);
      return pods.length === 4 && pods.every(({ spec }) => spec.containers[0]!.image === other);
    });
    assert.deepEqual(identities(await modelPodsReady("digits", 1)), before);
    await answers();
  });

  test("uninstalled: the kinds, the Model and its pod stay, and what the platform made while it ran", async () => {
    const before = identities(await modelPodsReady("digits", 1));
    await uninstall();
    const left = cameSince(untouched, await clusterInventory(kubectl));
    const models = left.filter((line) => line.split(" ")[1] === modelNamespace);
    assert.deepEqual(
      left.filter((line) => !models.includes(line)),
      [
        "ConfigMap slipway-system kube-root-ca.crt",
        "CustomResourceDefinition <none> models.slipway.dev",
        "CustomResourceDefinition <none> revisions.slipway.dev",
        "Namespace <none> slipway-system",
        "Secret slipway-system slipway-api-keys",
        "Secret slipway-system slipway-ca",
        "Secret slipway-system slipway-gateway-tls",
        "ServiceAccount slipway-system default",
      ],
    );
    assert.ok(models.includes(`Model ${modelNamespace} digits`));
    assert.deepEqual(identities(await modelPodsReady("digits", 1)), before);
  });

  test("installed again: the Model answers to the old key, by the pod that it had", async () => {
    const before = identities(await modelPodsReady("digits", 1));
    await helm(installation.cluster.kubeconfig, "install", ...release, ...values(installation.image, modelNamespace));
    await eventually("the model answers", 30, answers);
    assert.deepEqual(identities(await modelPodsReady("digits", 1)), before);
  });

  test("slipway uninstall takes what Helm leaves, but for the namespaces, which others made", async () => {
    await uninstall();
    await installation.ok("uninstall", "--delete-models");
    const now = await clusterInventory(kubectl);
    assert.deepEqual(cameSince(untouched, now), [
      "ConfigMap slipway-system kube-root-ca.crt",
      "Namespace <none> slipway-system",
      "ServiceAccount slipway-system default",
    ]);
    assert.deepEqual(cameSince(now, untouched), []);
    const leases = await kubectlGet<{ items: unknown[] }>("-n", systemNamespace, "leases");
    assert.deepEqual(leases.items, []);
  });

  async function helm(kubeconfig: string, ...args: string[]): Promise<CommandResult> {
    const env = { HOME: home, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home, KUBECONFIG: kubeconfig };
    const result = await run(await judge("helm"), args, { env });
    assert.equal(result.code, 0, `helm ${args.join(" ")}\n${result.stderr}`);
    return result;
  }

  const values = (image: string, namespace: string) => ["--set", `image=${image}`, "--set", `modelNamespaces={${namespace}}`];

  const uninstall = () => helm(installation.cluster.kubeconfig, "uninstall", "slipway", "--namespace", systemNamespace, "--wait");

  async function answers(): Promise<true> {
    const url = installation.inferUrl("digits").replace(installation.gateway, await gatewayAddress());
    const answer = await installation.call(url, { body: requestFor([0]) });
    assert.equal(answer.status, 200, answer.text);
    return true;
  }
});
