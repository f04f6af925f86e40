import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { Authority } from "@slipway/http";
import { ClusterObjects } from "../cluster/cluster-objects.ts";
import { renderInstall } from "../install/render-install.ts";
import { objectPath } from "../rest/object-path.ts";
import { ClusterServer } from "../testing/cluster-server.ts";
import { image } from "../testing/resources.ts";
import { checkCluster } from "./check-cluster.ts";

const day = 86_400_000;
const reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

function newCluster() {
  const clock = new VirtualClock();
  const server = new ClusterServer();
  const fetch = server.fetch;
  let minor = "34";
  let allowed = true;
  // Two answers that are no objects.
  const through: typeof fetch = async (url, init) => {
    const { pathname } = new URL(url);
    if (pathname === "/version") return Response.json({ gitVersion: `v1.${minor}.0`, major: "1", minor }) as never;
    if (pathname === reviews) return Response.json({ status: { allowed } }, { status: 201 }) as never;
    return fetch(url, init);
  };
  server.put("/apis/metrics.k8s.io/v1beta1", { metadata: { name: "metrics" } });
  const api = { baseUrl: server.baseUrl, fetch: through };
  const objects = new ClusterObjects({ server: api, clock, signal: new AbortController().signal });
  return {
    server,
    clock,
    old: () => {
      minor = "29+";
    },
    forbid: () => {
      allowed = false;
    },
    /** State and detail of each check, by name. */
    look: async (version = "0.1.0") =>
      Object.fromEntries(
        (await checkCluster({ objects, version })).map(({ name, state, detail }) => [name, `${state}: ${detail}`]),
      ),
  };
}

async function installInto({ server, clock }: ReturnType<typeof newCluster>) {
  server.controller = (path) => {
    if (path.includes("/customresourcedefinitions/"))
      return { status: { conditions: [{ type: "Established", status: "True" }] } };
    return path.includes("/deployments/") ? { status: { readyReplicas: 2 } } : undefined;
  };
  for (const object of renderInstall({ image, version: "0.1.0" })) server.put(objectPath(object, object.metadata), object);
  const ns = "/api/v1/namespaces/slipway-system";
  const authority = await Authority.create({ name: "test", now: clock.now(), lifetimeMs: 3_650 * day, keep: true });
  const leaf = await authority.issue({
    subject: "CN=gateway",
    names: [],
    usages: ["serverAuth"],
    now: clock.now(),
    lifetimeMs: 30 * day,
  });
  for (const [name, pem] of [
    ["slipway-ca", authority.certificate],
    ["slipway-gateway-tls", leaf.cert],
  ] as const)
    server.put(`${ns}/secrets/${name}`, {
      metadata: { name, namespace: "slipway-system" },
      data: { "tls.crt": Buffer.from(pem).toString("base64") },
    });
  const renewTime = new Date(clock.now()).toISOString();
  server.put("/apis/coordination.k8s.io/v1/namespaces/slipway-system/leases/slipway-operator", {
    metadata: { name: "slipway-operator", namespace: "slipway-system" },
    spec: { holderIdentity: "slipway-operator-1", renewTime, leaseDurationSeconds: 15 },
  });
}

test("before an installation: what the cluster gives, what it lacks, and what this user may", async () => {
  const cluster = newCluster();
  const found = await cluster.look();
  assert.equal(found.Kubernetes, "ok: v1.34.0");
  assert.equal(found["metrics API"], "ok: is there");
  assert.equal(found.Slipway, "warn: is not installed");
  assert.match(found["pod security"]!, /^warn: restricted is not enforced in default/);
  cluster.old();
  cluster.forbid();
  cluster.server.absent = ["/apis/metrics.k8s.io"];
  const poor = await cluster.look();
  assert.match(poor.Kubernetes!, /^fail: v1\.29\+\.0 is too old: 1\.30 or later/);
  assert.match(
    poor.rights!,
    /^warn: this user may not install: not create namespaces, patch namespaces, delete namespaces and \d+ more/,
  );
  assert.match(poor["metrics API"]!, /^warn: is not there/);
});

test("after an installation: everything is ok, until something is not", async () => {
  const cluster = newCluster();
  await installInto(cluster);
  const found = await cluster.look();
  for (const name of ["Slipway", "kinds", "operator", "leader", "gateways", "certificates", "models"])
    assert.match(found[name] ?? "", /^ok: /, `${name} ${found[name]}`);
  const other = await cluster.look("0.2.0");
  assert.match(other.Slipway!, /^warn: version 0\.1\.0 in namespace slipway-system; this command is 0\.2\.0/);
  assert.match(other.kinds!, /^warn: models\.slipway\.dev is of version 0\.1\.0/);
  cluster.server.put("/apis/slipway.dev/v1alpha1/namespaces/vision/models/digits", {
    metadata: { name: "digits", namespace: "vision" },
  });
  await cluster.clock.advance(26 * day);
  const later = await cluster.look();
  assert.match(later.leader!, /^fail: slipway-operator-1 led, and was last heard of \d+ s ago/);
  assert.equal(later.certificates, "warn: slipway-gateway-tls expires in 4 days and was not renewed");
  assert.equal(later.models, "warn: 1 of 1 not ready: vision/digits");
});
