// What every Backend must do, by the one that runs replicas in a real cluster.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createLog, systemClock } from "@slipway/base";
import {
  ClusterCaches,
  type ClusterConnection,
  InstallationAuthority,
  KubernetesBackend,
  KubernetesStore,
  ModelCertificates,
  RestClient,
} from "@slipway/kubernetes";
import { crd } from "@slipway/spec";
import { type BackendHarness, backendSuite, type ReplicaFault, type SampleRun, sampleRun } from "@slipway/testkit";
import { kubectl, kubectlApply, kubectlGet } from "../cluster/index.ts";
import { eventually } from "../harness/eventually.ts";
import { connectAdmin } from "./harness/connect-admin.ts";
import { pushStandInReplica } from "./harness/stand-in-replica.ts";
import { leftOut, useCluster } from "./harness/use-cluster.ts";

const system = "backend-test-system";
const namespaces = ["backend-test-a", "backend-test-b"] as const;
const manager = "backend-test";
const skip = leftOut("the Backend of a cluster");

const operator = {
  "impersonate-user": "system:serviceaccount:slipway-system:slipway-operator",
  "impersonate-group": "system:masters",
};

/** Of no image that any registry has. */
const nowhere = `sha256:${"d".repeat(64)}`;

/** What stands between the suite and the cluster. */
class ClusterHarness implements BackendHarness {
  readonly namespaces = namespaces;
  readonly patienceMs = 120_000;
  readonly backend: KubernetesBackend;
  /** Calls to the API server, but for watches. */
  readonly calls: string[];
  /** The backend of another version of the platform. */
  readonly another: (version: string) => KubernetesBackend;
  private readonly parts: {
    store: KubernetesStore;
    image: string;
    server: ClusterConnection;
    stop: AbortController;
    running: Promise<void>;
    release(): Promise<void>;
  };

  private constructor(make: (version: string) => KubernetesBackend, calls: string[], parts: ClusterHarness["parts"]) {
    this.another = make;
    this.backend = make("test");
    this.calls = calls;
    this.parts = parts;
  }

  static async start(): Promise<ClusterHarness> {
    const cluster = await useCluster();
    const image = await pushStandInReplica(cluster.registry ?? process.env.SLIPWAY_TEST_REGISTRY ?? "");
    // Where Slipway is installed they are its installer's.
    const kinds = (await kubectl("get", "crd", "-o", "name")).includes("models.slipway.dev")
      ? []
      : (["Model", "Revision"] as const).map((kind) => ({ ...crd(kind) }));
    await kubectlApply([
      ...kinds,
      ...[system, ...namespaces].map((name) => ({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
      })),
    ]);
    await kubectl("wait", "--for=condition=Established", "crd/models.slipway.dev", "crd/revisions.slipway.dev");
    const server = await connectAdmin();
    const calls: string[] = [];
    const rest = new RestClient({
      baseUrl: server.baseUrl,
      fetch: (url, init) => {
        if (!url.includes("watch=true")) calls.push(`${init.method} ${new URL(url).pathname}`);
        return server.fetch(url, init);
      },
    });
    const clock = systemClock;
    const log = createLog({ write: (line) => void process.stderr.write(line), clock, level: "warn" });
    const caches = new ClusterCaches({ rest, clock, log });
    const stop = new AbortController();
    const running = caches.run(stop.signal);
    await caches.synced;
    const authority = await InstallationAuthority.open({ rest, clock, namespace: system }, stop.signal);
    const certificates = new ModelCertificates({ rest, clock, log, authority, models: () => [] });
    const make = (version: string) =>
      new KubernetesBackend({ rest, caches, certificates, clock, log, systemNamespace: system, version });
    // Where Slipway is installed, nobody but its operator makes Revisions.
    const asOperator: ClusterConnection = {
      ...server,
      fetch: (url, init) => server.fetch(url, { ...init, headers: { ...init.headers, ...operator } }),
    };
    const store = new KubernetesStore({ server: asOperator, clock });
    return new ClusterHarness(make, calls, {
      store,
      image,
      server,
      stop,
      running,
      release: async () => {
        // An installer would find them to be another's.
        for (const { metadata } of kinds) await kubectl("delete", "crd", metadata.name, "--timeout=60s");
        await cluster.release();
      },
    });
  }

  elapse(ms: number): Promise<void> {
    return systemClock.sleep(ms);
  }

  async crash(namespace: string, name: string): Promise<void> {
    try {
      await kubectl("-n", namespace, "exec", name, "--", "kill", "-USR1", "1");
    } catch (error) {
      // The container may end before the command that ended it.
      if (!/exit code 137/.test(String(error))) throw error;
    }
  }

  /** The owners have to be there, or Kubernetes would collect what they own. */
  async prepare({ model, revision }: SampleRun, fault?: ReplicaFault): Promise<SampleRun> {
    const { store, image } = this.parts;
    const key = { namespace: model.metadata.namespace!, name: model.metadata.name };
    const before = await store.get("Model", key);
    if (before !== undefined) await this.forget(key);
    const source = {
      ...model.spec.source,
      image: fault === "cannotStart" ? image.replace(/sha256:.*/, nowhere) : image,
    };
    const parameters = { ...model.spec.parameters, ...(fault && { fault }) };
    const { uid: _uid, generation: _generation, ...metadata } = model.metadata;
    const made = await store.write(
      { ...model, metadata, spec: { ...model.spec, source, parameters } },
      { expect: "absent", manager },
    );
    const owner = { apiVersion: model.apiVersion, kind: "Model", name: key.name, uid: made.metadata.uid!, controller: true };
    const written = await store.write(
      {
        ...revision,
        metadata: { ...revision.metadata, ownerReferences: [owner] },
        spec: { ...revision.spec, source, parameters },
      },
      { expect: "absent", manager },
    );
    return { model: made, revision: written };
  }

  async close(): Promise<void> {
    const { server, stop, running, release } = this.parts;
    this.backend.close();
    stop.abort();
    await running;
    await server.close();
    await kubectl("delete", "namespace", system, ...namespaces, "--timeout=90s");
    await release();
  }

  private async forget(key: { namespace: string; name: string }): Promise<void> {
    const at = ["-n", key.namespace] as const;
    await kubectl(...at, "delete", "model", key.name, "--cascade=foreground", "--timeout=60s");
    await kubectl(...at, "delete", "revision", "-l", `slipway.dev/model=${key.name}`, "--timeout=60s");
  }
}

describe("what a cluster is written", { skip }, () => {
  const never = new AbortController().signal;
  let harness: ClusterHarness;
  let of: SampleRun;
  before(async () => {
    harness = await ClusterHarness.start();
    of = await harness.prepare(sampleRun({ model: "written", namespace: namespaces[0] }));
    await run();
    await settled();
  });
  after(() => harness.close());

  const key = { namespace: namespaces[0], name: "written" };
  const run = (backend = harness.backend) => backend.perform({ type: "run", ...of, replicas: 2, leaving: [] }, never);
  const settled = (backend = harness.backend) =>
    eventually("two replicas are ready, as asked", 60, async () => {
      const { replicas, runs = [] } = await backend.observe(key, never);
      const [only] = runs;
      const ready = replicas.filter(({ state }) => state === "ready");
      return runs.length === 1 && only!.generation === of.model.metadata.generation && only!.replicas === 2 && ready.length === 2;
    });
  const inCluster = <T>(kind: string) => kubectlGet<T>("-n", key.namespace, kind, "written-1a2b3c4d5e");
  const pods = async () => (await harness.backend.observe(key, never)).replicas.map(({ name }) => name);

  test("nothing, when it is so already", async () => {
    const before = harness.calls.length;
    for (let again = 0; again < 20; again++) {
      await harness.backend.observe(key, never);
      await run();
    }
    assert.deepEqual(harness.calls.slice(before), []);
  });

  test("no pod, when another version of the platform takes over", async () => {
    const [names, { spec }] = [await pods(), await inCluster<Live>("deployment")];
    const upgraded = harness.another("a later version");
    assert.equal((await upgraded.observe(key, never)).runs?.[0]?.generation, 0, "what another version made is looked at again");
    await run(upgraded);
    await settled(upgraded);
    assert.deepEqual(await pods(), names);
    assert.deepEqual((await inCluster<Live>("deployment")).spec, spec);
    await run();
    await settled();
  });

  test("what somebody took away or changed, and nothing that is another's", async () => {
    const names = await pods();
    await kubectl("-n", key.namespace, "label", "deployment/written-1a2b3c4d5e", "team=vision");
    await kubectl("-n", key.namespace, "delete", "service/written-1a2b3c4d5e");
    await kubectl("-n", key.namespace, "scale", "deployment/written-1a2b3c4d5e", "--replicas=3");
    await eventually("it is seen", 20, async () => {
      const [only] = (await harness.backend.observe(key, never)).runs ?? [];
      return only?.generation === 0 && only.replicas === 3;
    });
    await run();
    await settled();
    await inCluster("service");
    assert.equal((await inCluster<Live>("deployment")).metadata.labels?.team, "vision");
    await eventually("the one too many is gone", 60, async () => (await pods()).length === 2);
    assert.equal((await pods()).filter((name) => names.includes(name)).length, 2, "the older two stay");
  });
});

interface Live {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: object;
}

if (skip === false) backendSuite("a cluster", () => ClusterHarness.start());
else describe("a cluster as a Backend", { skip }, () => test("is left out", () => assert.fail()));
