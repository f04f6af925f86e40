import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@slipway/base";
import { ClusterObjects } from "../cluster/cluster-objects.ts";
import { ClusterServer } from "../testing/cluster-server.ts";
import { modelOf } from "../testing/resources.ts";
import { clusterDoubts, refuseUnsupported } from "./cluster-abilities.ts";

function clusterOf(minor: string) {
  const server = new ClusterServer();
  const fetch: typeof server.fetch = async (url, init) =>
    url.endsWith("/version")
      ? (Response.json({ gitVersion: `v1.${minor}`, major: "1", minor }) as never)
      : server.fetch(url, init);
  const node = (name: string, allocatable: object, more: object = {}) =>
    server.put(`/api/v1/nodes/${name}`, {
      metadata: { name, labels: { zone: name } },
      status: { allocatable, nodeInfo: { architecture: "amd64" } },
      ...more,
    });
  node("a", { cpu: "3920m", memory: "8Gi" });
  node("b", { cpu: "2", memory: "16Gi", "nvidia.com/gpu": "1" });
  node("cordoned", { cpu: "64", memory: "1Ti", "nvidia.com/gpu": "8" }, { spec: { unschedulable: true } });
  const objects = new ClusterObjects({
    server: { baseUrl: server.baseUrl, fetch },
    clock: systemClock,
    signal: new AbortController().signal,
  });
  return { objects, server };
}

test("what no node can give is said, each wish by itself", async () => {
  const { objects } = clusterOf("34");
  const doubts = (spec: Record<string, unknown>) => clusterDoubts(objects, modelOf(spec));
  assert.deepEqual(await doubts({ resources: { cpu: "2", memory: "12Gi", gpu: { name: "nvidia.com/gpu", count: 1 } } }), []);
  assert.deepEqual(await doubts({ resources: { gpu: { name: "nvidia.com/gpu", count: 2 } } }), [
    "no node has 2 of nvidia.com/gpu",
  ]);
  assert.deepEqual(await doubts({ resources: { cpu: "3", memory: "12Gi" } }), ["no node has 12Gi of memory"]);
  assert.deepEqual(await doubts({ resources: { cpu: "8" }, placement: { nodeSelector: { zone: "c" }, architecture: "arm64" } }), [
    "no node has the label zone=c",
    "no node is arm64",
    "no node has 8 of CPU",
  ]);
});

test("a version or an API that the cluster does not have is refused", async () => {
  const scaled = modelOf({ resources: { cpu: "1" }, scaling: { metrics: [{ type: "cpu", target: 80 }] } });
  await assert.rejects(refuseUnsupported(clusterOf("29").objects, [modelOf()]), {
    code: "unimplemented",
    message: /runs Kubernetes v1\.29/,
  });
  const { objects, server } = clusterOf("34");
  await refuseUnsupported(objects, [modelOf()]);
  await assert.rejects(refuseUnsupported(objects, [modelOf(), scaled]), { code: "unimplemented", message: /has no metrics API/ });
  server.put("/apis/metrics.k8s.io/v1beta1", { metadata: { name: "metrics" } });
  await refuseUnsupported(objects, [scaled]);
});
