import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { createLog, systemClock } from "@slipway/base";
import { type Gateway, RoutePublisher, startGateway, tlsFeed } from "@slipway/gateway";
import { TlsIdentity } from "@slipway/http";
import { containers } from "@slipway/kubernetes";
import { gatewayServerName, operatorServerName } from "@slipway/protocol";
import { inferenceLoad } from "../testing/inference-load.ts";
import { authority, Pod, until } from "../testing/pod.ts";
import { podPlaces } from "./pod-places.ts";
import { clusterReplica } from "./replica-role.ts";

/** An operator's feed and a gateway in the same network. */
async function platform(t: TestContext): Promise<{ gateway: Gateway; publish: (...pods: Pod[]) => Promise<void> }> {
  const log = createLog({ write: () => {}, clock: systemClock });
  const publisher = new RoutePublisher({ clock: systemClock, log });
  const operator = new TlsIdentity(await authority.issue({ name: operatorServerName, usage: ["server"] }));
  const port = await publisher.listenTls({ host: "127.0.0.1", port: 0, credentials: operator });
  publisher.begin();
  const credentials = new TlsIdentity(await authority.issue({ name: gatewayServerName }));
  const resolve = async () => ["127.0.0.1"];
  const gateway = await startGateway({
    listen: { host: "127.0.0.1", port: 0 },
    routes: tlsFeed({ host: "operator", port, credentials, clock: systemClock, resolve }),
    credentials,
    clock: systemClock,
    log,
    version: "0.0.0-test",
  });
  t.after(async () => {
    await gateway.close();
    await publisher.close();
  });
  return {
    gateway,
    publish: async (...pods) => {
      const revisions = [{ name: "digits-1", percent: 100, replicas: pods.map((pod) => pod.route) }];
      const generation = publisher.publish("team", "digits", { namespace: "team", name: "digits", revisions });
      await until("the gateway has it", () => publisher.acknowledged() >= generation);
    },
  };
}

describe("clusterReplica()", () => {
  it("is ready when the model answers, drains with its gateway's acknowledgement, and loses no request", async (t) => {
    const { gateway, publish } = await platform(t);
    const [first, second] = [(await Pod.create(t)).run(t), (await Pod.create(t)).run(t)];
    for (const pod of [first, second]) await until("it is ready", async () => (await pod.health("ready")) === 200);
    await publish(first, second);
    const requests = inferenceLoad(() => gateway.address.url);
    await until("both are used", () => gateway.stats().replicas.every(({ ready }) => ready) && requests.state.count > 50);
    assert.match(await first.metrics(), /^inference_requests_total\{namespace="[^"]+",model="[^"]+",.*code="200"\} [1-9]/m);
    await first.stop();
    assert.ok(first.lines.some((line) => line.includes('"stopping"') && line.includes('"gateways":1')));
    assert.equal(await first.health("live"), undefined, "it has ended");
    const before = requests.state.count;
    await until("the other goes on", () => requests.state.count > before + 50);
    const { bad } = await requests.stop();
    assert.deepEqual(bad, []);
    assert.equal(gateway.stats().lostConnections, 0);
  });

  it("follows the certificate in its files without a connection ended", async (t) => {
    const { gateway, publish } = await platform(t);
    const pod = (await Pod.create(t)).run(t);
    await until("it is ready", async () => (await pod.health("ready")) === 200);
    await publish(pod);
    const requests = inferenceLoad(() => gateway.address.url);
    await until("it is used", () => requests.state.count > 20);
    await pod.renew();
    await until("it has noticed", () => pod.lines.some((line) => line.includes("certificate replaced")));
    const before = requests.state.count;
    await until("requests go on", () => requests.state.count > before + 20);
    const { bad } = await requests.stop();
    assert.deepEqual(bad, []);
    assert.equal(gateway.stats().lostConnections, 0);
  });

  it("does not become ready where the bundle's contract is not kept, and says which line differs", async (t) => {
    const contract = (needs: object) => JSON.stringify({ version: 1, needs, seenOn: { architecture: "amd64", cpuFeatures: [] } });
    const strange = (await Pod.create(t, undefined, { contract: contract({ cpuFeatures: ["warpdrive"] }) })).run(t);
    await assert.rejects(strange.ended, { code: "invalid", message: /cpuFeatures: needs warpdrive/, exitCode: 5 });
    const large = { contract: contract({ memoryBytes: 2 ** 40 }), resources: { memory: "512Mi" } };
    const small = (await Pod.create(t, undefined, large)).run(t);
    await assert.rejects(small.ended, { code: "invalid", message: /memory: needs 1048576 MiB, has 512 MiB/ });
    const kept = (await Pod.create(t, undefined, { ...large, contract: contract({ operatorSets: { "ai.onnx": 17 } }) })).run(t);
    await until("it is ready", async () => (await kept.health("ready")) === 200);
  });

  it("refuses an image with another bundle, or none", async (t) => {
    const other = (await Pod.create(t, `sha256:${"0".repeat(64)}`)).run(t);
    await assert.rejects(other.ended, {
      code: "invalid",
      message: /^The image does not hold the bundle that the Model names/,
      exitCode: 5,
    });
    const bare = await Pod.create(t);
    const options = { ...bare.options, root: bare.tls };
    const parts = {
      clock: systemClock,
      log: createLog({ write: () => {}, clock: systemClock }),
      stop: new AbortController().signal,
    };
    await assert.rejects(clusterReplica(options, parts), { code: "invalid", message: /the image has no file/ });
  });

  it("says what is missing", async (t) => {
    const pod = await Pod.create(t);
    await rm(join(pod.tls, "tls.key"));
    await assert.rejects(pod.run(t).ended, { code: "unavailable", message: /The certificate in .* cannot be used/ });
  });
});

describe("cluster-replica", () => {
  it("ends with exit code 5 and one object a line on standard output when its Model is invalid", async (t) => {
    const pod = await Pod.create(t);
    const main = join(import.meta.dirname, "../main.ts");
    const child = promisify(execFile)(process.execPath, [main, "cluster-replica", pod.options.configuration], {
      env: { POD_NAME: "digits-1-abc" },
    });
    const { code, stdout } = await child.then(
      () => assert.fail("it ran"),
      (error: { code: number; stdout: string }) => error,
    );
    assert.equal(code, 5);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual([lines[0]?.component, lines[0]?.pod, lines[0]?.level], ["replica", "digits-1-abc", "error"]);
    assert.match(JSON.stringify(lines[0]), /the image has no file/);
  });
});

it("pods are where the objects that are rendered for them say", () => {
  const { ports, paths } = containers;
  assert.deepEqual(podPlaces, { ports, replicaSpec: `${paths.configuration}/${paths.replicaSpec}`, tls: paths.tls });
});
