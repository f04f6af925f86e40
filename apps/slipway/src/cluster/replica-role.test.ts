import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { createLog, systemClock } from "@slipway/base";
import { BundleStore, imageBundlePath } from "@slipway/bundle";
import { type Gateway, RoutePublisher, startGateway, tlsFeed } from "@slipway/gateway";
import { TlsIdentity } from "@slipway/http";
import { containers } from "@slipway/kubernetes";
import { gatewayServerName, operatorServerName, replicaServerName, tlsAddress } from "@slipway/protocol";
import { TestAuthority } from "@slipway/testkit";
import { podPlaces } from "./pod-places.ts";
import { type ClusterReplicaOptions, clusterReplica } from "./replica-role.ts";

const authority = await TestAuthority.create();
const digits = join(import.meta.dirname, "../../../../examples/digits/v1");
const replicaCertificate = { name: replicaServerName("team", "digits"), usage: ["server"] } as const;

let image: { root: string; digest: string };

before(async () => {
  image = await makeImage();
});
after(() => rm(image.root, { recursive: true, force: true }));

/** What a runnable image of the digits example has at its root. */
async function makeImage(): Promise<{ root: string; digest: string }> {
  const root = await mkdtemp(join(tmpdir(), "slipway-image-"));
  const store = new BundleStore(join(root, "store"), { clock: systemClock });
  const { digest } = await store.build(digits);
  await cp(await store.materialize(digest), root, { recursive: true });
  await chmod(join(root, "model"), 0o755);
  await mkdir(join(root, imageBundlePath), { recursive: true });
  const blob = (wanted: string) => join(root, "store/blobs/sha256", wanted.slice("sha256:".length));
  await cp(blob(digest), join(root, imageBundlePath, "manifest.json"));
  const { config } = JSON.parse(await readFile(blob(digest), "utf8")) as { config: { digest: string } };
  await cp(blob(config.digest), join(root, imageBundlePath, "config.json"));
  return { root, digest };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = systemClock.monotonic() + 20_000;
  while (!(await condition())) {
    if (systemClock.monotonic() > deadline) assert.fail(`waited 20 s for: ${what}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** A pod's process, in this one. */
class Pod {
  readonly lines: string[] = [];
  readonly tls: string;
  readonly options: ClusterReplicaOptions;
  ended: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  private constructor(directory: string, ports: readonly [number, number]) {
    this.tls = join(directory, "tls");
    this.options = {
      configuration: join(directory, "replica.json"),
      root: image.root,
      tls: this.tls,
      host: "127.0.0.1",
      framesPort: ports[0],
      healthPort: ports[1],
    };
  }

  static async create(t: TestContext, bundle = image.digest): Promise<Pod> {
    const directory = await mkdtemp(join(tmpdir(), "slipway-pod-"));
    t.after(() => rm(directory, { recursive: true }));
    const pod = new Pod(directory, [await freePort(), await freePort()]);
    await mkdir(pod.tls);
    await pod.renew();
    const configuration = {
      namespace: "team",
      model: "digits",
      owner: "uid",
      revision: "digits-1",
      bundle,
      parameters: {},
      resources: { cpu: "500m" },
      samples: { verify: true, tolerance: { absolute: 1e-5, relative: 1e-5 } },
    };
    await writeFile(pod.options.configuration, JSON.stringify(configuration));
    return pod;
  }

  /** Starts it; it ends with the test. */
  run(t: TestContext): this {
    const log = createLog({ write: (line) => this.lines.push(line), clock: systemClock });
    this.ended = clusterReplica(this.options, { clock: systemClock, log, stop: this.stopping.signal });
    this.ended.catch(() => {});
    t.after(() => this.stop());
    return this;
  }

  /** As SIGTERM; resolves when it has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended.catch(() => {});
  }

  /** As kubelet after the Secret was renewed. */
  async renew(): Promise<void> {
    const { cert, key, ca } = await authority.issue(replicaCertificate);
    await writeFile(join(this.tls, "tls.crt"), cert);
    await writeFile(join(this.tls, "tls.key"), key);
    await writeFile(join(this.tls, "ca.crt"), ca);
  }

  async health(path: "live" | "ready"): Promise<number | undefined> {
    const answer = await fetch(`http://127.0.0.1:${this.options.healthPort}/v2/health/${path}`).catch(() => undefined);
    return answer?.status;
  }

  get route() {
    return { name: this.tls, address: tlsAddress("127.0.0.1", this.options.framesPort) };
  }
}

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

const sample = JSON.parse(await readFile(join(digits, "samples/single.json"), "utf8")) as { request: unknown };

/** Inference without a pause until it is told to stop; then what was not answered with 200. */
function load(gateway: Gateway) {
  let running = true;
  const state = { count: 0, bad: [] as unknown[] };
  const lane = async () => {
    while (running) {
      const url = `${gateway.address.url}/namespaces/team/v2/models/digits/infer`;
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(sample.request) };
      const status = await fetch(url, init).then(
        async (answer) => ({ status: answer.status, text: await answer.text() }),
        (error: unknown) => ({ status: 0, text: String(error) }),
      );
      state.count += 1;
      if (status.status !== 200) state.bad.push(status);
    }
  };
  const done = Promise.all([lane(), lane(), lane(), lane()]);
  return {
    state,
    stop: async () => {
      running = false;
      await done;
      return state;
    },
  };
}

describe("clusterReplica()", () => {
  it("is ready when the model answers, drains with its gateway's acknowledgement, and loses no request", async (t) => {
    const { gateway, publish } = await platform(t);
    const [first, second] = [(await Pod.create(t)).run(t), (await Pod.create(t)).run(t)];
    for (const pod of [first, second]) await until("it is ready", async () => (await pod.health("ready")) === 200);
    await publish(first, second);
    const requests = load(gateway);
    await until("both are used", () => gateway.stats().replicas.every(({ ready }) => ready) && requests.state.count > 50);
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
    const requests = load(gateway);
    await until("it is used", () => requests.state.count > 20);
    await pod.renew();
    await until("it has noticed", () => pod.lines.some((line) => line.includes("certificate replaced")));
    const before = requests.state.count;
    await until("requests go on", () => requests.state.count > before + 20);
    const { bad } = await requests.stop();
    assert.deepEqual(bad, []);
    assert.equal(gateway.stats().lostConnections, 0);
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
