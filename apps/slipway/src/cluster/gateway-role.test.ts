import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { createLog, SlipwayError, silentLog, systemClock } from "@slipway/base";
import type { Endpoint } from "@slipway/gateway";
import { RoutePublisher } from "@slipway/gateway";
import { TlsIdentity } from "@slipway/http";
import { gatewayServerName, operatorServerName } from "@slipway/protocol";
import { inferenceLoad } from "../testing/inference-load.ts";
import { authority, freePort, Pod, until, writeCertificate } from "../testing/pod.ts";
import { type ClusterSources, clusterGateway, podGatewayOptions, runClusterGateway } from "./gateway-role.ts";

const key = `slw_test_${"0".repeat(64)}`;
const bearer = { authorization: `Bearer ${key}` };

/** A cluster that tells nothing of endpoints, has one key, and whose API server cannot be reached. */
function fakeSources(): ClusterSources {
  return {
    endpoints: { current: new Map<string, readonly Endpoint[]>(), onChange: () => () => {} },
    keys: { entries: new Map([["test", { sha256: createHash("sha256").update(key).digest("hex") }]]) },
    reviewer: { review: () => Promise.reject(new SlipwayError("unavailable", "The API server cannot be reached.")) },
  };
}

/** A gateway's pod, its process in this one. */
async function gatewayPod(t: TestContext, operatorPort: number) {
  const tls = await mkdtemp(join(tmpdir(), "slipway-gateway-pod-"));
  await writeCertificate(tls, { name: gatewayServerName });
  const [port, healthPort] = [await freePort(), await freePort()];
  const stopping = new AbortController();
  const lines: string[] = [];
  const operator = { host: "127.0.0.1", port: operatorPort };
  const options = { hosts: ["127.0.0.1", "slipway-gateway"], host: "127.0.0.1", port, healthPort, tls, operator };
  const log = createLog({ write: (line) => lines.push(line), clock: systemClock });
  const ended = clusterGateway(options, fakeSources(), { clock: systemClock, log, stop: stopping.signal });
  let over = false;
  void ended.finally(() => {
    over = true;
  });
  t.after(async () => {
    stopping.abort();
    await ended;
    await rm(tls, { recursive: true });
  });
  const ready = async () =>
    (await fetch(`http://127.0.0.1:${healthPort}/v2/health/ready`).catch(() => undefined))?.status === 200;
  return { url: `http://127.0.0.1:${port}`, port, ready, lines, stop: () => stopping.abort(), ended, isOver: () => over };
}

async function operatorFeed(t: TestContext) {
  const publisher = new RoutePublisher({ clock: systemClock, log: silentLog });
  const credentials = new TlsIdentity(await authority.issue({ name: operatorServerName, usage: ["server"] }));
  const port = await publisher.listenTls({ host: "127.0.0.1", port: 0, credentials });
  t.after(() => publisher.close());
  return { publisher, port };
}

/** The status of a request to a name that need not be the address's. */
function statusAt(port: number, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, headers, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on("error", reject).end();
  });
}

describe("clusterGateway()", () => {
  it("is ready with the first table, and leaves under load without a request lost", async (t) => {
    const { publisher, port } = await operatorFeed(t);
    const [first, second] = [await gatewayPod(t, port), await gatewayPod(t, port)];
    await until("it listens", () => first.lines.some((line) => line.includes("gateway listens")));
    assert.equal(await first.ready(), false);
    const pod = (await Pod.create(t)).run(t);
    await until("the replica is ready", async () => (await pod.health("ready")) === 200);
    const revisions = [{ name: "digits-1", percent: 100, replicas: [pod.route] }];
    publisher.publish("team", "digits", { namespace: "team", name: "digits", revisions });
    publisher.begin();
    for (const gateway of [first, second]) await until("it is ready", () => gateway.ready());
    // As a Service does: a pod that leaves is still sent to for a moment.
    let turn = 0;
    let known = [first, second];
    const requests = inferenceLoad(() => {
      turn += 1;
      return known[turn % known.length]!.url;
    }, bearer);
    await until("both are used", () => requests.state.count > 50);
    first.stop();
    await until("it is not ready", async () => !(await first.ready()));
    const before = requests.state.count;
    await until("requests still come", () => requests.state.count > before + 50);
    assert.equal(first.isOver(), false);
    known = [second];
    await first.ended;
    const after = requests.state.count;
    await until("the other goes on", () => requests.state.count > after + 50);
    const { bad } = await requests.stop();
    assert.deepEqual(bad, []);
  });

  it("lets in by key while the API server is away, answers for its names, and tells its health by address", async (t) => {
    const { publisher, port } = await operatorFeed(t);
    publisher.begin();
    const gateway = await gatewayPod(t, port);
    await until("it is ready", () => gateway.ready());
    assert.equal(await statusAt(gateway.port, "/v2", { host: "slipway-gateway", ...bearer }), 200);
    assert.equal(await statusAt(gateway.port, "/v2", { host: "slipway-gateway" }), 401);
    assert.equal(await statusAt(gateway.port, "/v2", { host: "slipway-gateway", authorization: "Bearer token" }), 503);
    assert.equal(await statusAt(gateway.port, "/v2", { host: "evil.example", ...bearer }), 421);
  });
});

it("podGatewayOptions() are the names of the gateways' Service, and those beside", () => {
  assert.deepEqual(podGatewayOptions("slipway-system", ["models.example"]).hosts, [
    "slipway-gateway",
    "slipway-gateway.slipway-system",
    "slipway-gateway.slipway-system.svc",
    "slipway-gateway.slipway-system.svc.cluster.local",
    "models.example",
  ]);
});

it("runClusterGateway() says that it runs in a pod only", async () => {
  const parts = { clock: systemClock, log: silentLog, stop: new AbortController().signal };
  await assert.rejects(runClusterGateway(parts), { code: "usage", message: /POD_NAMESPACE/ });
});
