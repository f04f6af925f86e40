// Install, look, open, close, keys and uninstall, as an administrator does them, on a control plane of its own: the API server and the controllers are real,
// and kwok stands in for the kubelets, so that pods are ready without an image.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { kubectlPath } from "../cluster/index.ts";
import { eventually } from "../harness/eventually.ts";
import { type CommandResult, root, run } from "../harness/platform.ts";
import { FleetControlPlane } from "./fleet/control-plane.ts";
import { cameSince, clusterInventory } from "./harness/cluster-inventory.ts";
import { judgesMissing } from "./judges/judge-binaries.ts";

const skip = judgesMissing("kwok") ?? false;
if (skip !== false) console.error(`left out: installing and uninstalling. ${skip}`);

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const image = `registry.example/slipway@${digest("1")}`;

describe("installing", { skip }, () => {
  const home = mkdtempSync(join(tmpdir(), "slipway-install-"));
  let plane: FleetControlPlane;
  let untouched: string[];

  before(async () => {
    plane = await FleetControlPlane.up((line) => console.error(line));
    for (const name of ["node-a", "node-b"]) await create(node(name));
    await plane.startKwok();
    await kubectl("create", "namespace", "old");
    await eventually("the namespaces are complete", 60, async () =>
      (await everything()).some((line) => line.includes("old kube-root-ca.crt")),
    );
    untouched = await everything();
  });
  after(async () => {
    await plane?.close();
    rmSync(home, { recursive: true });
  });

  /** Runs one command against the control plane; never throws for its exit code. */
  function slipway(...args: string[]): Promise<CommandResult> {
    return run(join(root, "bin", "slipway"), args, { env: { HOME: home, SLIPWAY_HOME: home, KUBECONFIG: plane.kubeconfig } });
  }

  async function ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await slipway(...args);
    assert.equal(code, 0, `slipway ${args.join(" ")}\n${stdout}${stderr}`);
    return stdout;
  }

  async function fails(code: number, message: RegExp, ...args: string[]): Promise<void> {
    const result = await slipway(...args);
    assert.equal(result.code, code, `slipway ${args.join(" ")}\n${result.stdout}${result.stderr}`);
    assert.match(result.stderr, message);
  }

  async function kubectl(...args: string[]): Promise<string> {
    const result = await tryKubectl(args);
    assert.equal(result.code, 0, `kubectl ${args.join(" ")}\n${result.stderr}`);
    return result.stdout;
  }

  function tryKubectl(args: readonly string[], input?: string): Promise<CommandResult> {
    const connection = ["--kubeconfig", plane.kubeconfig, "--cache-dir", join(home, "kubectl")];
    return run(kubectlPath(), [...connection, ...args], { ...(input === undefined ? {} : { input }) });
  }

  async function create(object: object): Promise<void> {
    const result = await tryKubectl(["create", "-f", "-"], JSON.stringify(object));
    assert.equal(result.code, 0, result.stderr);
  }

  const everything = () => clusterInventory(kubectl);

  const lines = (text: string, outcome: string) => text.split("\n").filter((line) => line.endsWith(` ${outcome}`));

  test("before: the doctor says what is there, and commands say that Slipway is not", async () => {
    const checks = await ok("doctor", "--context", "fleet");
    assert.match(checks, /ok +Kubernetes +v1\.\d+/);
    assert.match(checks, /ok +rights/);
    assert.match(checks, /warn +metrics API +is not there/);
    assert.match(checks, /warn +Slipway +is not installed/);
    await fails(3, /Slipway is not installed in the cluster of context fleet/, "get", "models", "--context", "fleet");
    await fails(3, /not installed/, "key", "list");
    assert.deepEqual(await everything(), untouched);
  });

  test("once: everything is made and works; again: nothing changes", async () => {
    const first = await ok(
      "install",
      "--image",
      image,
      "--model-namespace",
      "old",
      "--model-namespace",
      "made",
      "--timeout",
      "120s",
    );
    assert.ok(lines(first, "created").length > 25);
    assert.deepEqual([...lines(first, "configured"), ...lines(first, "deleted")], []);
    await kubectl("-n", "slipway-system", "wait", "--for=condition=Available", "deployment", "--all", "--timeout=5s");
    const again = await ok("install", "--timeout", "120s");
    assert.deepEqual([...lines(again, "created"), ...lines(again, "configured"), ...lines(again, "deleted")], []);
    const level = "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}";
    assert.equal(await kubectl("get", "namespace", "made", "-o", level), "restricted");
    assert.equal(await kubectl("get", "namespace", "old", "-o", level), "", "a namespace that was there is left as it was");
    const checks = (await slipway("doctor", "--context", "fleet")).stdout;
    for (const name of ["Slipway", "kinds", "operator", "gateways", "models"])
      assert.match(checks, new RegExp(`^ok +${name} `, "m"));
    assert.match(checks, /^warn +pod security +restricted is not enforced in old/m);
    assert.match(checks, /^fail +leader +no operator leads/m, "nobody runs in kwok's pods");
  });

  test("rights: the operator writes where it was let, and reads no Secret elsewhere; who edits a namespace edits its Models", async () => {
    const can = async (user: string, ...what: string[]) =>
      (await tryKubectl(["auth", "can-i", ...what, `--as=${user}`])).stdout.trim();
    const operator = "system:serviceaccount:slipway-system:slipway-operator";
    const gateway = "system:serviceaccount:slipway-system:slipway-gateway";
    assert.equal(await can(operator, "create", "deployments", "-n", "made"), "yes");
    assert.equal(await can(operator, "create", "deployments", "-n", "default"), "no");
    assert.equal(await can(operator, "list", "secrets", "-A"), "no");
    assert.equal(await can(operator, "get", "secrets", "-n", "default"), "no");
    assert.equal(await can(operator, "get", "secrets", "-n", "slipway-system"), "no");
    assert.equal(await can(operator, "get", "secrets/slipway-ca", "-n", "slipway-system"), "yes");
    assert.equal(await can(operator, "create", "clusterrolebindings"), "no");
    assert.equal(await can(gateway, "get", "secrets/slipway-api-keys", "-n", "slipway-system"), "yes");
    assert.equal(await can(gateway, "get", "secrets/slipway-ca", "-n", "slipway-system"), "no");
    assert.equal(await can(gateway, "create", "deployments", "-n", "made"), "no");
    await kubectl("-n", "made", "create", "rolebinding", "ada", "--clusterrole=edit", "--user=ada");
    assert.equal(await can("ada", "create", "models", "-n", "made"), "yes");
    assert.equal(await can("ada", "create", "models", "-n", "old"), "no");
    assert.equal(await can("ada", "create", "revisions", "-n", "made"), "no");
  });

  const model = (name: string, namespace: string, image?: string) => ({
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Model",
    metadata: { name, namespace },
    spec: { source: { bundle: digest("0"), ...(image && { image }) } },
  });

  test("rules: what the schema cannot say is refused with the way out", async () => {
    const refused = async (object: object, message: RegExp) => {
      const result = await tryKubectl(["create", "-f", "-"], JSON.stringify(object));
      assert.notEqual(result.code, 0);
      assert.match(result.stderr, message);
    };
    // A policy counts a moment after it was made.
    await eventually("the policies count", 30, async () => {
      const tried = await tryKubectl(["create", "--dry-run=server", "-f", "-"], JSON.stringify(model("digits", "made")));
      return tried.code !== 0;
    });
    await refused(model("digits", "made"), /spec\.source\.image is required in a cluster.*slipway apply --to REPOSITORY/);
    await refused(model("a.b", "made", image), /the name of a Model/);
    await refused(model("digits", "slipway-system", image), /Models cannot run in the platform's own namespace/);
    const { spec } = model("digits", "made", image);
    const revision = {
      ...model("digits-0123456789", "made"),
      kind: "Revision",
      spec: { model: "digits", number: 1, ...spec, parameters: {}, resources: {} },
    };
    await refused(revision, /a Revision is made by Slipway when a Model changes/);
  });

  test("namespaces open and close one by one; what no flag names stays", async () => {
    const done = await ok(
      "install",
      "--model-namespace",
      "audio",
      "--close-namespace",
      "old",
      "--host",
      "models.example",
      "--timeout",
      "120s",
    );
    assert.deepEqual(lines(done, "created"), ["Namespace audio created", "RoleBinding audio/slipway-models created"]);
    assert.deepEqual(lines(done, "deleted"), ["RoleBinding old/slipway-models deleted"]);
    assert.deepEqual(lines(done, "configured"), ["Deployment slipway-system/slipway-gateway configured"]);
    await kubectl("-n", "slipway-system", "scale", "deployment/slipway-gateway", "--replicas=3");
    assert.deepEqual(
      lines(await ok("install", "--timeout", "120s"), "configured"),
      [],
      "who scaled the gateways goes on deciding",
    );
    await fails(3, /does not have the Gateway API/, "install", "--parent-gateway", "infra/public");
    await fails(4, /installed in this cluster already, in namespace slipway-system/, "install", "-n", "other", "--image", image);
  });

  test("keys: given once, kept as a hash, and gone when revoked", async () => {
    const key = (await ok("key", "create", "web-shop", "--model", "made/digits")).trim();
    assert.match(key, /^slw_web-shop_[0-9a-f]{64}$/);
    const secret = await kubectl("-n", "slipway-system", "get", "secret", "slipway-api-keys", "-o", "json");
    assert.ok(!secret.includes(key) && !secret.includes(Buffer.from(key).toString("base64")));
    assert.match(await ok("key", "list"), /web-shop +made\/digits/);
    await fails(4, /There is a key web-shop already/, "key", "create", "web-shop");
    await ok("key", "revoke", "web-shop");
    await fails(3, /There is no key "web-shop"/, "key", "revoke", "web-shop");
  });

  test("a plan says what no node could give, and refuses what the cluster does not have", async () => {
    const planned = (spec: object) => {
      const text = JSON.stringify({
        ...model("digits", "made", image),
        spec: { ...model("digits", "made", image).spec, ...spec },
      });
      const env = { HOME: home, SLIPWAY_HOME: home, KUBECONFIG: plane.kubeconfig };
      return run(join(root, "bin", "slipway"), ["plan", "-f", "-", "--context", "fleet"], { env, input: text });
    };
    const gpu = await planned({ resources: { gpu: { name: "nvidia.com/gpu", count: 1 } } });
    assert.equal(gpu.code, 0, gpu.stderr);
    assert.match(gpu.stdout, /doubt +no node has 1 of nvidia\.com\/gpu/);
    const scaled = await planned({ resources: { cpu: "100m" }, scaling: { metrics: [{ type: "cpu", target: 80 }] } });
    assert.equal(scaled.code, 1);
    assert.match(scaled.stderr, /it has no metrics API/);
  });

  test("uninstalling refuses while there are Models, and then leaves nothing but what others made", async () => {
    await create(model("digits", "made", image));
    // No operator runs here, so this is what a tool sees that looks before one has.
    const status = await kubectl("-n", "made", "get", "model", "digits", "-o", "jsonpath={.status}");
    assert.deepEqual(JSON.parse(status), { observedGeneration: 0 });
    await create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "theirs", namespace: "audio" } });
    const installed = await everything();
    await fails(4, /There is a Model: made\/digits\. Nothing was changed/, "uninstall");
    assert.deepEqual(await everything(), installed);
    // In `made` the binding of a user is left.
    await kubectl("-n", "made", "delete", "rolebinding", "ada");
    const { code, stdout, stderr } = await slipway("uninstall", "--delete-models", "--timeout", "120s");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /namespace audio stays: it has configmaps\/theirs\nNothing of Slipway is left in fleet/);
    assert.equal(stdout.split("\n")[0], "Model made/digits deleted");
    const now = await everything();
    assert.deepEqual(cameSince(untouched, now), [
      "ConfigMap audio kube-root-ca.crt",
      "ConfigMap audio theirs",
      "Namespace <none> audio",
      "ServiceAccount audio default",
    ]);
    assert.deepEqual(cameSince(now, untouched), []);
    assert.match((await slipway("uninstall")).stderr, /Slipway is not installed in fleet/);
  });
});

function node(name: string) {
  const labels = { "kubernetes.io/hostname": name, "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux" };
  const room = { cpu: "8", memory: "32Gi", pods: "110" };
  const annotations = { "kwok.x-k8s.io/node": "fake" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels, annotations },
    status: { capacity: room, allocatable: room },
  };
}
