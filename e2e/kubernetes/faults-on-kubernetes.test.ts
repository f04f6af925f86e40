// Faults of a cluster under steady traffic: each is shown to have happened, and none costs an answer that another pod could give.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { systemClock } from "@slipway/base";
import { killComponent, kubectl, kubectlGet, nodes, readState, restartComponent } from "../cluster/index.ts";
import { manifest } from "../harness/digits.ts";
import { sent, summary } from "../harness/digits-traffic.ts";
import { eventually } from "../harness/eventually.ts";
import { amount } from "../harness/length.ts";
import { DigitsInCluster } from "./harness/digits-in-cluster.ts";
import { Installation, isReady, modelNamespace, modelPodsReady, podsOf, systemNamespace } from "./harness/installation.ts";
import { processOf } from "./harness/pod-process.ts";
import { leftOut } from "./harness/use-cluster.ts";

const rate = 50;
const operatorPods = () => podsOf(systemNamespace, "app.kubernetes.io/component=operator");
const gatewayPods = () => podsOf(systemNamespace, "app.kubernetes.io/component=gateway");

describe("faults of a cluster", { skip: leftOut("faults of a cluster", "nodes") }, () => {
  let installation: Installation;
  let digits: DigitsInCluster;

  before(async () => {
    installation = await Installation.up();
    digits = await DigitsInCluster.prepare(installation);
    await digits.apply("v1");
    await twoReplicas();
  });
  after(() => installation?.close());

  test("G1 the process of a pod is killed: its requests go elsewhere, and it comes back", async (t) => {
    let kills = 0;
    const report = await digits.underTraffic(async () => {
      for (let round = 0; round < amount(2, 6); round++) {
        const pods = await modelPodsReady("digits", 2);
        const victim = pods[round % 2]!;
        process.kill(processOf(victim, "cluster-replica"), "SIGKILL");
        kills++;
        await eventually("kubelet has restarted it", 60, async () => restarts(victim.metadata.name, round));
        await modelPodsReady("digits", 2);
      }
    });
    t.diagnostic(`${kills} kills; ${summary(report)}`);
    assert.ok(kills > 0);
    assert.deepEqual(report.failures, []);
  });

  test("a pod is deleted: it drains, and another takes its place", async (t) => {
    let deleted = 0;
    const report = await digits.underTraffic(async () => {
      const [victim] = await modelPodsReady("digits", 2);
      await kubectl("-n", modelNamespace, "delete", "pod", victim!.metadata.name, "--wait=true", "--timeout=90s");
      deleted++;
      const now = await modelPodsReady("digits", 2);
      assert.ok(!now.some((pod) => pod.metadata.uid === victim!.metadata.uid));
    });
    t.diagnostic(summary(report));
    assert.equal(deleted, 1);
    assert.deepEqual(report.failures, []);
  });

  test("the leading operator's process is killed in the middle of a change: it is finished", async (t) => {
    const leader = await eventually("an operator leads", 60, () => leaderName());
    let kills = 0;
    const report = await digits.underTraffic(async () => {
      await installation.apply(digits.form("v2"));
      const pod = (await operatorPods()).find(({ metadata }) => metadata.name === leader)!;
      process.kill(processOf(pod, "cluster-operator"), "SIGKILL");
      kills++;
      const latest = await eventually("the new revision exists", 60, async () => {
        const { status } = await digits.model();
        return status?.latestRevision !== undefined && status.latestRevision !== status.traffic?.[0]?.revision
          ? status.latestRevision
          : status?.observedGeneration === (await digits.model()).metadata.generation && status.latestRevision;
      });
      await eventually("the new revision has the traffic", 120, async () => (await digits.inForce()) === latest);
    });
    t.diagnostic(`was led by ${leader}, now by ${await leaderName()}; ${summary(report)}`);
    assert.equal(kills, 1);
    assert.deepEqual(report.failures, []);
    assert.equal(Object.keys(report.revisions).length, 2, JSON.stringify(report.revisions));
    await digits.apply("v1");
  });

  test("the leading operator is deleted in the middle of a change: the other one leads and finishes it", async (t) => {
    const leader = await eventually("an operator leads", 60, () => leaderName());
    const report = await digits.underTraffic(async () => {
      await installation.apply(digits.form("v2"));
      await kubectl("-n", systemNamespace, "delete", "pod", leader, "--wait=false");
      const next = await eventually("another operator leads", 30, async () => {
        const now = await leaderName();
        return now !== undefined && now !== leader && now;
      });
      t.diagnostic(`was led by ${leader}, now by ${next}`);
      await digits.ready();
      await digits.apply("v1");
    });
    t.diagnostic(summary(report));
    assert.deepEqual(report.failures, []);
    assert.equal(Object.keys(report.revisions).length, 2, JSON.stringify(report.revisions));
  });

  test("a gateway is deleted: it drains, no request fails", async (t) => {
    let deleted = 0;
    const report = await digits.underTraffic(async () => {
      const [victim] = (await gatewayPods()).filter(isReady);
      await kubectl("-n", systemNamespace, "delete", "pod", victim!.metadata.name, "--wait=true", "--timeout=120s");
      deleted++;
      await gatewaysReady();
    });
    t.diagnostic(summary(report));
    assert.equal(deleted, 1);
    assert.deepEqual(report.failures, []);
  });

  test("a gateway is killed: only what it held is lost, and the other one answers at once", async (t) => {
    let kills = 0;
    const report = await digits.underTraffic(async (traffic) => {
      const [victim] = (await gatewayPods()).filter(isReady);
      process.kill(processOf(victim!, "cluster-gateway"), "SIGKILL");
      kills++;
      await sent(traffic, 2 * rate, rate);
      await gatewaysReady();
    });
    t.diagnostic(`${kills} kill; ${summary(report)}`);
    assert.equal(kills, 1);
    // A client whose connection breaks cannot know whether it was answered; nobody else may notice.
    for (const { what } of report.failures) assert.match(what, /ECONNRESET|ECONNREFUSED|socket hang up/);
    assert.ok(report.failures.length <= rate / 2, JSON.stringify(report.failures));
  });

  test("I3 the API server is away for 30 s, and its history with it (410): traffic is unaffected, a change goes through soon", async (t) => {
    const state = readState()!;
    const since = new Date().toISOString();
    let down = 0;
    const report = await digits.underTraffic(async (traffic) => {
      // Versions that no watch of ours has seen: an API server that starts anew knows nothing of how they came to be.
      for (let number = 0; number < 20; number++)
        await kubectl("annotate", "namespace", modelNamespace, "--overwrite", `example.com/n=${number}`);
      await killComponent(state, "control", "kube-apiserver");
      await assert.rejects(kubectl("get", "--raw", "/readyz"));
      down++;
      await sent(traffic, 30 * rate, rate);
      await restartComponent(state, "control", "kube-apiserver");
      await eventually("the API server is ready again", 60, async () => (await kubectl("get", "--raw", "/readyz")) === "ok");
    });
    t.diagnostic(summary(report));
    assert.equal(down, 1);
    assert.deepEqual(report.failures, []);
    const back = systemClock.monotonic();
    await digits.apply("v2");
    t.diagnostic(`a change is in force ${((systemClock.monotonic() - back) / 1000).toFixed(1)} s after it was back`);
    await digits.apply("v1");
    for (const component of ["operator", "gateway"]) {
      const pods = ["-l", `app.kubernetes.io/component=${component}`, "--tail=-1", `--since-time=${since}`];
      const log = await kubectl("-n", systemNamespace, "logs", ...pods);
      const expired = log.match(/the history of a watch is gone/g)?.length ?? 0;
      t.diagnostic(`${expired} watches of ${component}s were told that their history is gone (410)`);
      assert.ok(expired > 0, component);
    }
  });

  test("another writer: what it owns is left alone, what is ours is kept", async () => {
    const revision = (await digits.inForce())!;
    await kubectl("-n", modelNamespace, "annotate", "deployment", revision, "example.com/owner=team-a");
    await kubectl("-n", modelNamespace, "scale", "deployment", revision, "--replicas=3");
    await eventually("the number of replicas is the Model's again", 60, async () => {
      const found = await kubectlGet<{ spec: { replicas: number } }>("-n", modelNamespace, "deployment", revision);
      return found.spec.replicas === 2;
    });
    await modelPodsReady("digits", 2);
    const found = await kubectlGet<{ metadata: { annotations: Record<string, string> } }>(
      "-n",
      modelNamespace,
      "deployment",
      revision,
    );
    assert.equal(found.metadata.annotations["example.com/owner"], "team-a");
  });

  test("J1 the registry is away: the new revision says so, the old one answers; it heals by itself", async (t) => {
    const state = readState()!;
    // The same image under a name that no node has pulled yet.
    const other = await installation.digestForm(manifest("v1"), `digits-${process.pid}`);
    await killComponent(state, "control", "registry");
    let seen = 0;
    const report = await digits.underTraffic(async () => {
      await installation.apply(other);
      await eventually("the condition names the image", 60, async () => {
        const ready = (await digits.model()).status?.conditions?.find(({ type }) => type === "Ready");
        return ready !== undefined && ready.status !== "True" && /image/i.test(`${ready.reason} ${ready.message}`);
      });
      seen++;
      await restartComponent(state, "control", "registry");
      await digits.ready();
    });
    t.diagnostic(summary(report));
    assert.equal(seen, 1);
    assert.deepEqual(report.failures, []);
    await digits.apply("v1");
  });

  test("an image that does not hold the Model's bundle is refused by the replica, the old revision answers", async (t) => {
    const imageOf = (text: string) => /image: (\S+)/.exec(text)![1]!;
    const bundleOf = (text: string) => /bundle: (\S+)/.exec(text)![1]!;
    const [v1, v2] = [digits.form("v1"), digits.form("v2")];
    const tampered = v2.replace(imageOf(v2), imageOf(v1));
    assert.notEqual(bundleOf(tampered), bundleOf(v1));
    const report = await digits.underTraffic(async () => {
      await installation.apply(tampered);
      await eventually("Ready says what is wrong", 60, async () => {
        const ready = (await digits.model()).status?.conditions?.find(({ type }) => type === "Ready");
        return ready?.reason === "ModelInvalid" && /does not hold the bundle/.test(ready.message);
      });
    });
    t.diagnostic(summary(report));
    assert.deepEqual(report.failures, []);
    await digits.apply("v1");
  });

  test("I11 a node is drained: its pods move, no request fails", async (t) => {
    const node = nodes[1]!.name;
    let evicted = 0;
    try {
      const report = await digits.underTraffic(async () => {
        const before = (await modelPodsReady("digits", 2)).filter((pod) => pod.spec.nodeName === node).length;
        await kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=180s");
        const after = await modelPodsReady("digits", 2);
        evicted = before - after.filter((pod) => pod.spec.nodeName === node).length;
        await gatewaysReady();
      });
      t.diagnostic(`${evicted} pods of the model moved; ${summary(report)}`);
      assert.ok(evicted > 0, "no pod of the model was on the node");
      assert.deepEqual(report.failures, []);
    } finally {
      await kubectl("uncordon", node);
    }
  });

  test("I11 kubelet stops on a node: its pods go on answering, and those that do not are left out", async (t) => {
    const state = readState()!;
    const node = nodes[1]!.name;
    await spread(node);
    let lost = 0;
    const report = await digits.underTraffic(async (traffic) => {
      await killComponent(state, node, "kubelet");
      await eventually("the node is not ready", 90, async () => {
        const found = await kubectlGet<{ status: { conditions: { type: string; status: string }[] } }>("node", node);
        return found.status.conditions.find(({ type }) => type === "Ready")?.status !== "True";
      });
      lost++;
      await sent(traffic, 10 * rate, rate);
      await restartComponent(state, node, "kubelet");
      await kubectl("wait", "--for=condition=Ready", `node/${node}`, "--timeout=90s");
    });
    t.diagnostic(summary(report));
    assert.equal(lost, 1);
    assert.deepEqual(report.failures, []);
    await modelPodsReady("digits", 2, 120);
  });

  async function twoReplicas(): Promise<void> {
    await kubectl("-n", modelNamespace, "scale", "model", "digits", "--replicas=2");
    await modelPodsReady("digits", 2);
  }

  /** One replica on the node at least. */
  async function spread(node: string): Promise<void> {
    const pods = await modelPodsReady("digits", 2);
    if (pods.some((pod) => pod.spec.nodeName === node)) return;
    await kubectl("-n", modelNamespace, "delete", "pod", pods[0]!.metadata.name, "--wait=true", "--timeout=90s");
    const now = await modelPodsReady("digits", 2);
    assert.ok(
      now.some((pod) => pod.spec.nodeName === node),
      "the scheduler spreads the pods",
    );
  }

  async function restarts(name: string, before: number): Promise<boolean> {
    const pod = await kubectlGet<{ status: { containerStatuses: { restartCount: number }[] } }>(
      "-n",
      modelNamespace,
      "pod",
      name,
    );
    return pod.status.containerStatuses[0]!.restartCount > Math.floor(before / 2);
  }

  async function gatewaysReady(): Promise<void> {
    await eventually("both gateways are ready", 120, async () => (await gatewayPods()).filter(isReady).length === 2);
  }

  async function leaderName(): Promise<string | undefined> {
    const lease = await kubectlGet<{ spec: { holderIdentity?: string } }>("-n", systemNamespace, "lease", "slipway-operator");
    return (await operatorPods()).find(({ metadata }) => lease.spec.holderIdentity?.startsWith(metadata.name))?.metadata.name;
  }
});
