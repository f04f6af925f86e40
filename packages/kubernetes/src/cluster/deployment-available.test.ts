import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { ClusterServer } from "../testing/cluster-server.ts";
import { ClusterObjects } from "./cluster-objects.ts";
import { deploymentAvailable } from "./deployment-available.ts";

const namespace = "slipway-system";
const labels = { "app.kubernetes.io/part-of": "slipway", "app.kubernetes.io/component": "gateway" };
const reference = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "slipway-gateway", namespace } };

/** Gateways that wait, in a cluster whose Secrets are these. */
async function waited(secrets: readonly string[]) {
  const server = new ClusterServer();
  const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2 };
  server.put(`/apis/apps/v1/namespaces/${namespace}/deployments/slipway-gateway`, {
    metadata: { name: "slipway-gateway", namespace },
    spec: { replicas: 2 },
    status,
  });
  for (const name of ["slipway-gateway-a", "slipway-gateway-b"])
    server.put(`/api/v1/namespaces/${namespace}/pods/${name}`, {
      metadata: { name, namespace, labels },
      spec: { volumes: [{ emptyDir: {} }, { secret: { secretName: "slipway-gateway-tls" } }] },
      status: { phase: "Pending", containerStatuses: [{ state: { waiting: { reason: "ContainerCreating" } } }] },
    });
  for (const name of secrets) server.put(`/api/v1/namespaces/${namespace}/secrets/${name}`, { metadata: { name, namespace } });
  const clock = new VirtualClock();
  const stop = new AbortController();
  const said: string[] = [];
  const objects = new ClusterObjects({ server, clock, signal: stop.signal });
  const ended = deploymentAvailable(objects, reference, (text) => said.push(text)).catch((error: Error) => error.message);
  await clock.advance(2_000);
  // The server is in memory: all its answers are there after some turns.
  for (let turn = 0; turn < 100; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  stop.abort();
  return { said, message: await ended };
}

test("gateways that wait for their certificate say so, once for all of them", async () => {
  const reason = "its pods wait for the Secret slipway-gateway-tls, which the operator makes once it leads";
  const { said, message } = await waited([]);
  assert.deepEqual(said.sort(), ["slipway-gateway: 0 of 2 available", `slipway-gateway: ${reason}`]);
  assert.equal(message, `slipway-gateway is not available: ${reason}.`);
});

test("without anything in their way, what is known is how many there are", async () => {
  const { message } = await waited(["slipway-gateway-tls"]);
  assert.equal(message, "slipway-gateway is not available: 0 of 2 available.");
});
