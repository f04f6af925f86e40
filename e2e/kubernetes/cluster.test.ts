// The test cluster itself: what other Kubernetes tests take for granted, and that it leaves nothing behind.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Cluster } from "../cluster/index.ts";
import {
  cannotRun,
  down,
  givenKubeconfig,
  installPackages,
  isAlive,
  killComponent,
  kubectl,
  kubectlApply,
  kubectlGet,
  nodes,
  readState,
  restartComponent,
  status,
  up,
} from "../cluster/index.ts";
import { eventually } from "../harness/eventually.ts";
import type { HostFootprint } from "./footprint.ts";
import { clusterProcesses, hostFootprint } from "./footprint.ts";
import { greetingObjects, namespace, pushGreeting } from "./greeting.ts";

interface Pod {
  metadata: { name: string };
  spec: { nodeName: string };
  status: { podIP: string };
}

const skip =
  givenKubeconfig() !== undefined
    ? "KUBECONFIG is set, and this file tests the cluster that `npm run cluster -- up` makes"
    : readState() !== undefined
      ? "a test cluster is up already, and this file takes it down; run `npm run cluster -- down` first"
      : (cannotRun() ?? false);
if (skip !== false) console.error(`left out: the test cluster. ${skip}`);

describe("the test cluster", { skip }, () => {
  const say = (line: string) => console.error(line);
  let untouched: HostFootprint;
  let cluster: Cluster;
  let pods: Pod[];

  before(async () => {
    // What the footprint is taken with comes from the same packages; they stay.
    await installPackages(say);
    untouched = await hostFootprint();
    cluster = await up(say);
  });
  after(() => down(() => {}));

  test("has two ready nodes, and says so", async () => {
    const found = await kubectlGet<{
      items: {
        metadata: { name: string };
        status: { nodeInfo: { kubeletVersion: string }; conditions: { type: string; status: string }[] };
      }[];
    }>("nodes");
    assert.deepEqual(
      found.items.map((node) => [
        node.metadata.name,
        node.status.nodeInfo.kubeletVersion,
        node.status.conditions.find(({ type }) => type === "Ready")?.status,
      ]),
      nodes.map(({ name }) => [name, "v1.34.4", "True"]),
    );
    const { whole, text } = await status();
    assert.equal(whole, true, text);
    assert.match(text, /machine node-2: process \d+\n {2}containerd: process \d+/);
  });

  test("is used again by a second `up`", async () => {
    const processes = clusterProcesses().length;
    assert.deepEqual(await up(say), cluster);
    assert.equal(clusterProcesses().length, processes);
  });

  test("runs an image that was made here, on both nodes, under the restricted standard", async () => {
    const reference = await pushGreeting(cluster.registry!);
    assert.match(reference, /@sha256:[0-9a-f]{64}$/);
    await kubectlApply(greetingObjects(reference, nodes.length));
    await kubectl("-n", namespace, "rollout", "status", "deployment/greeting", "--timeout=60s");
    pods = (await kubectlGet<{ items: Pod[] }>("-n", namespace, "pods", "-l", "app=greeting")).items;
    assert.deepEqual(pods.map((pod) => pod.spec.nodeName).sort(), nodes.map(({ name }) => name).sort());
  });

  test("resolves a Service's name on every node, and balances over pods of both", async () => {
    const names = pods.map((pod) => pod.metadata.name).sort();
    for (const pod of pods) {
      const seen = new Set<string>();
      await eventually(`${pod.metadata.name} reaches both replicas through the Service`, 20, async () => {
        const url = `http://greeting.${namespace}.svc.cluster.local/`;
        seen.add((await kubectl("-n", namespace, "exec", pod.metadata.name, "--", "wget", "-q", "-O", "-", url)).trim());
        return seen.size === pods.length;
      });
      assert.deepEqual([...seen].sort(), names);
    }
  });

  test("lets the host reach pods and Services, and gives logs", async () => {
    for (const pod of pods) assert.equal(await body(`http://${pod.status.podIP}:8080/`), pod.metadata.name);
    assert.ok(pods.map((pod) => pod.metadata.name).includes(await body(await serviceUrl())));
    for (const pod of pods) assert.match(await kubectl("-n", namespace, "logs", pod.metadata.name), /10\.213\./);
  });

  test("measures nodes and pods, and an autoscaler sees it", async () => {
    const top = await eventually("metrics of both nodes", 60, async () => {
      const text = await kubectl("top", "nodes", "--no-headers");
      return text.trim().split("\n").length === nodes.length ? text : undefined;
    });
    for (const { name } of nodes) assert.match(top, new RegExp(`^${name}\\s+\\d+m\\s+\\d+%\\s+\\d+Mi\\s+\\d+%`, "m"));
    const utilization = await eventually("the autoscaler has a CPU utilization", 120, async () => {
      const { status: seen } = await kubectlGet<{
        status: { currentMetrics?: { resource?: { current: { averageUtilization?: number } } }[] };
      }>("-n", namespace, "hpa", "greeting");
      // Zero is a measurement too.
      const value = seen.currentMetrics?.[0]?.resource?.current.averageUtilization;
      return value === undefined ? undefined : { value };
    });
    assert.ok(utilization.value >= 0);
  });

  test("goes on serving while the API server is down, which then comes back", async () => {
    const url = await serviceUrl();
    const state = readState()!;
    await killComponent(state, "control", "kube-apiserver");
    await assert.rejects(kubectl("get", "--raw", "/readyz"), /refused|unable to connect/i);
    assert.ok(pods.map((pod) => pod.metadata.name).includes(await body(url)));
    assert.equal((await status()).whole, false);
    await restartComponent(state, "control", "kube-apiserver");
    await eventually("the API server is ready again", 60, async () => (await kubectl("get", "--raw", "/readyz")) === "ok");
    assert.equal((await status()).whole, true);
  });

  test("leaves nothing behind", async () => {
    const processes = clusterProcesses();
    assert.ok(processes.length > 20, `${processes.length} processes`);
    assert.notDeepEqual((await hostFootprint()).routes, untouched.routes);
    await down(say);
    assert.deepEqual(processes.filter(isAlive), []);
    assert.deepEqual(await hostFootprint(), untouched);
    assert.equal((await status()).text, "no cluster is up");
  });

  async function serviceUrl(): Promise<string> {
    return `http://${(await kubectl("-n", namespace, "get", "service", "greeting", "-o", "jsonpath={.spec.clusterIP}")).trim()}/`;
  }
});

async function body(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  assert.equal(response.status, 200);
  return (await response.text()).trim();
}
