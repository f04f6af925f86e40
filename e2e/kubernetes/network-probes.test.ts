// Network policies by packets, where the cluster's network enforces them: the pairs of judged-network.test.ts that a small cluster has.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kubectl, kubectlApply, kubectlGet } from "../cluster/index.ts";
import { manifest } from "../harness/digits.ts";
import {
  Installation,
  isReady,
  modelNamespace,
  modelPodsReady,
  type Pod,
  podsOf,
  systemNamespace,
} from "./harness/installation.ts";
import { runInPod } from "./harness/run-in-pod.ts";
import { leftOut } from "./harness/use-cluster.ts";

const strangers = "strangers";
const ports = { inference: 7878, frames: 7880, health: 7881, routes: 7882 };

interface Peer {
  readonly namespace: string;
  readonly pod: string;
  readonly ip: string;
}

describe("network policies by packets", { skip: leftOut("network policies by packets") }, () => {
  let installation: Installation;
  let peers: Record<"operator" | "gateway" | "model" | "other" | "stranger", Peer>;
  let dns: string;
  let enforced: boolean;

  before(async () => {
    installation = await Installation.up();
    const form = await installation.digestForm(manifest("v1"), "digits");
    for (const name of ["digits", "other"]) {
      await installation.apply(form.replace("name: digits", `name: ${name}`));
      await kubectl("-n", modelNamespace, "wait", "--for=condition=Ready", `model/${name}`, "--timeout=120s");
    }
    await kubectlApply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: strangers } }, stranger(installation.image)]);
    await kubectl("-n", strangers, "wait", "--for=condition=Ready", "pod/stranger", "--timeout=60s");
    peers = {
      operator: await leader(),
      gateway: peer(systemNamespace, (await podsOf(systemNamespace, "app.kubernetes.io/component=gateway")).find(isReady)!),
      model: peer(modelNamespace, (await modelPodsReady("digits", 1))[0]!),
      other: peer(modelNamespace, (await modelPodsReady("other", 1))[0]!),
      stranger: peer(strangers, await kubectlGet<Pod>("-n", strangers, "pod", "stranger")),
    };
    const service = await kubectlGet<{ spec: { clusterIP: string } }>("-n", "kube-system", "service", "kube-dns");
    dns = service.spec.clusterIP;
    // What a policy must stop: whether it comes through tells whether anybody reads policies here. Somebody listens there, as kubelet's probes found.
    enforced = !(await connects(peers.stranger, peers.model.ip, ports.frames));
  });
  after(async () => {
    await kubectl("delete", "namespace", strangers, "--ignore-not-found", "--wait=true", "--timeout=90s");
    await installation?.close();
  });

  test("what must come through does, with policies or without", async () => {
    const { gateway, operator, model, stranger } = peers;
    assert.ok(await connects(gateway, model.ip, ports.frames), "gateway to model");
    assert.ok(await connects(gateway, operator.ip, ports.routes), "gateway to operator");
    assert.ok(await connects(stranger, gateway.ip, ports.inference), "anybody to gateway");
    assert.ok(await connects(model, dns, 53), "model to DNS");
  });

  test("what must not come through does not", async (t) => {
    if (!enforced) {
      const reason = "this cluster enforces no network policy: a packet came through that every policy denies";
      console.error(`left out: denied pairs by packets. ${reason}`);
      return t.skip(reason);
    }
    const { gateway, operator, model, other, stranger } = peers;
    const apiServer = await kubectlGet<{ spec: { clusterIP: string } }>("-n", "default", "service", "kubernetes");
    const denied: readonly (readonly [string, Peer, string, number])[] = [
      ["a stranger to a model's frames", stranger, model.ip, ports.frames],
      ["a stranger to a model's health", stranger, model.ip, ports.health],
      ["a stranger to the operator", stranger, operator.ip, ports.routes],
      ["one model to another", model, other.ip, ports.frames],
      ["a model to the gateway", model, gateway.ip, ports.inference],
      ["a model to the operator", model, operator.ip, ports.routes],
      ["a model to the API server", model, apiServer.spec.clusterIP, 443],
      ["a model to a stranger", model, stranger.ip, 8080],
      ["the operator to a model", operator, model.ip, ports.frames],
    ];
    const passed: string[] = [];
    for (const [what, from, ip, port] of denied) if (await connects(from, ip, port)) passed.push(what);
    assert.deepEqual(passed, []);
  });

  async function leader(): Promise<Peer> {
    const lease = await kubectlGet<{ spec: { holderIdentity: string } }>("-n", systemNamespace, "lease", "slipway-operator");
    const pods = await podsOf(systemNamespace, "app.kubernetes.io/component=operator");
    return peer(systemNamespace, pods.find(({ metadata }) => metadata.name === lease.spec.holderIdentity)!);
  }
});

/** Whether a connection is answered at all; one that is refused came through as well. */
async function connects(from: Peer, ip: string, port: number): Promise<boolean> {
  const script = `const socket = require("node:net").connect({ host: "${ip}", port: ${port}, timeout: 3000 });
    const say = (word) => { console.log(word); process.exit(0); };
    socket.on("connect", () => say("through")).on("timeout", () => say("silence"));
    socket.on("error", ({ code }) => say(code === "ECONNREFUSED" ? "through" : "silence"));`;
  return (await runInPod(from.namespace, from.pod, script)).trim() === "through";
}

function peer(namespace: string, { metadata, status }: Pod): Peer {
  return { namespace, pod: metadata.name, ip: status.podIP! };
}

/** A pod of somebody else that answers on port 8080. */
function stranger(image: string): object {
  const script =
    'require("node:net").createServer((socket) => socket.end()).listen(8080); process.on("SIGTERM", () => process.exit(0));';
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "stranger", namespace: strangers },
    spec: { containers: [{ name: "stranger", image, command: ["/slipway/bin/node", "-e", script] }] },
  };
}
