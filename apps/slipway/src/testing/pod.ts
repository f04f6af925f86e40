import assert from "node:assert/strict";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext } from "node:test";
import { createLog, systemClock } from "@slipway/base";
import { BundleStore, imageBundlePath } from "@slipway/bundle";
import { replicaServerName, tlsAddress } from "@slipway/protocol";
import { TestAuthority, type TestCertificate } from "@slipway/testkit";
import { type ClusterReplicaOptions, clusterReplica } from "../cluster/replica-role.ts";

/** The authority of the network that a test's pods are in. */
export const authority = await TestAuthority.create();
/** The model that pods serve, as `team/digits`. */
export const digits = join(import.meta.dirname, "../../../../examples/digits/v1");
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

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** Waits for a condition, turn by turn, for at most 20 seconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = systemClock.monotonic() + 20_000;
  while (!(await condition())) {
    if (systemClock.monotonic() > deadline) assert.fail(`waited 20 s for: ${what}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** A replica's pod, its process in this one. */
export class Pod {
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

  static async create(t: TestContext, bundle = image.digest, more: object = {}): Promise<Pod> {
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
      ...more,
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
  renew(): Promise<void> {
    return writeCertificate(this.tls, replicaCertificate);
  }

  async health(path: "live" | "ready"): Promise<number | undefined> {
    const answer = await fetch(`http://127.0.0.1:${this.options.healthPort}/v2/health/${path}`).catch(() => undefined);
    return answer?.status;
  }

  /** The text of its metrics. */
  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.options.healthPort}/metrics`)).text();
  }

  get route() {
    return { name: this.tls, address: tlsAddress("127.0.0.1", this.options.framesPort) };
  }
}

/** Writes a new certificate of the {@link authority} where a pod has it. */
export async function writeCertificate(directory: string, certificate: TestCertificate): Promise<void> {
  const { cert, key, ca } = await authority.issue(certificate);
  await writeFile(join(directory, "tls.crt"), cert);
  await writeFile(join(directory, "tls.key"), key);
  await writeFile(join(directory, "ca.crt"), ca);
}
