import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@slipway/base";
import { ClusterObjects, type ObjectReference } from "../cluster/cluster-objects.ts";
import { objectTitle } from "../cluster/object-title.ts";
import { ClusterServer } from "../testing/cluster-server.ts";
import { image } from "../testing/resources.ts";
import { applyInstall } from "./apply-install.ts";
import type { InstallSettings } from "./install-settings.ts";
import { installedSettings } from "./installed-settings.ts";
import { removeInstall } from "./remove-install.ts";

const apps = "/apis/apps/v1/namespaces/slipway-system/deployments";
const models = "/apis/slipway.dev/v1alpha1/namespaces/default/models";

/** A cluster whose controllers do at once what they are asked to. */
function newCluster() {
  const server = new ClusterServer();
  server.controller = (path, { metadata, spec }) => {
    if (path.includes("/customresourcedefinitions/"))
      return { status: { conditions: [{ type: "Established", status: "True" }] } };
    if (path.startsWith(apps)) {
      const { replicas } = spec as { replicas: number };
      const all = { replicas, updatedReplicas: replicas, availableReplicas: replicas, readyReplicas: replicas };
      return { status: { observedGeneration: metadata.generation, ...all } };
    }
    return undefined;
  };
  for (const [path, resources] of Object.entries({
    "/apis": { groups: [{ name: "apps", preferredVersion: { groupVersion: "apps/v1" } }] },
    "/api/v1": { resources: ["configmaps", "secrets", "serviceaccounts", "events"].map((name) => resource(name)) },
    "/apis/gateway.networking.k8s.io/v1": {},
    "/apis/apps/v1": { resources: [resource("deployments"), resource("deployments/status")] },
  }))
    server.put(path, { metadata: { name: path }, ...resources });
  server.put("/api/v1/namespaces/default", { metadata: { name: "default" } });
  return server;
}

function resource(name: string) {
  return { name, namespaced: true, verbs: ["list", "delete"] };
}

function commands(server: ClusterServer, signal = new AbortController().signal) {
  const objects = new ClusterObjects({ server, clock: systemClock, signal });
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  return {
    objects,
    said,
    async install(settings: Partial<InstallSettings> = {}) {
      const done: Record<string, string> = {};
      const report = (object: ObjectReference, outcome: string) => {
        done[objectTitle(object)] ??= outcome;
      };
      await applyInstall(objects, { image, version: "0.1.0", ...settings }, { force: false, report, say });
      return done;
    },
    uninstall: (deleteModels = false) =>
      removeInstall(objects, { namespace: "slipway-system", deleteModels, report: (object) => say(objectTitle(object)), say }),
  };
}

test("installing makes everything and waits for it; doing it again changes nothing, and another image is an upgrade", async () => {
  const server = newCluster();
  const { install, said } = commands(server);
  const first = await install();
  assert.deepEqual(new Set(Object.values(first)), new Set(["created"]));
  assert.deepEqual(said.sort(), ["slipway-gateway: 2 of 2 available", "slipway-operator: 2 of 2 available"]);
  assert.ok(server.get("/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/slipway-models"));
  const again = await install();
  assert.deepEqual(new Set(Object.values(again)), new Set(["unchanged"]));
  const upgraded = await install({ image: image.replace(/1/g, "2") });
  const changed = Object.entries(upgraded).filter(([, outcome]) => outcome !== "unchanged");
  assert.deepEqual(changed, [
    ["Deployment slipway-system/slipway-operator", "configured"],
    ["Deployment slipway-system/slipway-gateway", "configured"],
  ]);
});

test("the settings of an installation can be read from it", async () => {
  const server = newCluster();
  const { install, objects } = commands(server);
  assert.equal(await installedSettings(objects), undefined);
  const settings = {
    image,
    version: "0.1.0",
    namespace: "slipway-system",
    modelNamespaces: ["default", "vision"],
    hosts: ["a.example", "b.example"],
    parentGateway: { namespace: "infra", name: "public" },
  };
  await install(settings);
  assert.deepEqual(await installedSettings(objects), settings);
  await install();
  assert.deepEqual(await installedSettings(objects), {
    image,
    version: "0.1.0",
    namespace: "slipway-system",
    modelNamespaces: ["default"],
    hosts: [],
  });
});

test("a namespace for Models is made restricted, one that is there stays as it is, and one named no more loses its rights", async () => {
  const server = newCluster();
  server.put("/api/v1/namespaces/old", { metadata: { name: "old", labels: { team: "x" } } });
  const { install } = commands(server);
  await install({ modelNamespaces: ["old", "new"] });
  assert.deepEqual(server.get("/api/v1/namespaces/old")?.metadata.labels, { team: "x" });
  assert.equal(server.get("/api/v1/namespaces/new")?.metadata.labels?.["pod-security.kubernetes.io/enforce"], "restricted");
  const done = await install({ modelNamespaces: ["old"] });
  assert.equal(done["RoleBinding new/slipway-models"], "deleted");
  assert.ok(server.get("/api/v1/namespaces/new"));
});

test("a number of gateways that somebody else decides on is left alone, unless it shall be taken over", async () => {
  const server = newCluster();
  const { install } = commands(server);
  await install();
  const path = `${apps}/slipway-gateway`;
  const { metadata, spec } = server.get(path)!;
  const managedFields = [{ manager: "kubectl", fieldsV1: { "f:spec": { "f:replicas": {} } } }];
  server.put(path, { ...server.get(path), metadata: { ...metadata, managedFields }, spec: { ...(spec as object), replicas: 5 } });
  await install();
  assert.equal((server.get(path)!.spec as { replicas: number }).replicas, 5);
});

test("another installation, Helm's, and an API that is not there are said by name", async () => {
  const server = newCluster();
  const { install, said, uninstall } = commands(server);
  server.absent = ["/apis/gateway.networking.k8s.io"];
  const parentGateway = { namespace: "infra", name: "public" };
  await assert.rejects(install({ parentGateway }), { code: "notFound", message: /does not have the Gateway API/ });
  server.absent = [];
  await install({ parentGateway });
  assert.ok(said.some((text) => /under names of yours only; name them with --host/.test(text)));
  await install();
  await assert.rejects(install({ namespace: "elsewhere" }), {
    code: "conflict",
    message: /already, in namespace slipway-system/,
  });
  const operator = server.get(`${apps}/slipway-operator`)!;
  const annotations = { "meta.helm.sh/release-name": "s", "meta.helm.sh/release-namespace": "slipway-system" };
  server.put(`${apps}/slipway-operator`, { ...operator, metadata: { ...operator.metadata, annotations } });
  await assert.rejects(install(), { code: "conflict", hint: /helm upgrade -n slipway-system s/ });
  await assert.rejects(uninstall(), { code: "conflict", hint: /helm uninstall -n slipway-system s/ });
});

test("what does not become available is told with its cause", async () => {
  const server = newCluster();
  const controller = server.controller;
  server.controller = (path, object) =>
    path.startsWith(apps)
      ? {
          status: {
            observedGeneration: object.metadata.generation,
            replicas: 1,
            conditions: [{ type: "ReplicaFailure", status: "True", message: "exceeded quota: small" }],
          },
        }
      : controller(path, object);
  const deadline = AbortSignal.timeout(300);
  await assert.rejects(commands(server, deadline).install(), {
    code: "timeout",
    message: /slipway-(operator|gateway) is not available: exceeded quota: small/,
  });
});

test("uninstalling leaves nothing but what the user made", async () => {
  const server = newCluster();
  const before = server.paths;
  server.put("/api/v1/namespaces/mine", { metadata: { name: "mine" } });
  server.put("/api/v1/namespaces/mine/secrets/password", { metadata: { name: "password", namespace: "mine" } });
  const { install, uninstall, said } = commands(server);
  await install({ modelNamespaces: ["default", "made", "kept"] });
  server.put("/api/v1/namespaces/kept/secrets/password", { metadata: { name: "password", namespace: "kept" } });
  server.put("/api/v1/namespaces/made/serviceaccounts/default", { metadata: { name: "default", namespace: "made" } });
  for (const name of ["slipway-ca", "slipway-gateway-tls", "slipway-api-keys"])
    server.put(`/api/v1/namespaces/slipway-system/secrets/${name}`, { metadata: { name, namespace: "slipway-system" } });
  const lease = "/apis/coordination.k8s.io/v1/namespaces/slipway-system/leases/slipway-operator";
  server.put(lease, { metadata: { name: "slipway-operator", namespace: "slipway-system" } });
  assert.equal(await uninstall(), true);
  server.drop("/api/v1/namespaces/made/serviceaccounts/default");
  assert.deepEqual(
    server.paths.filter((path) => !before.includes(path)),
    [
      "/api/v1/namespaces/kept",
      "/api/v1/namespaces/kept/secrets/password",
      "/api/v1/namespaces/mine",
      "/api/v1/namespaces/mine/secrets/password",
    ],
  );
  assert.ok(said.includes("namespace kept stays: it has secrets/password"));
  assert.equal(await uninstall(), false);
});

test("Models keep it from going, unless they shall go; then they drain first, or are let go when no operator is there", async () => {
  const server = newCluster();
  const { install, uninstall, said } = commands(server);
  await install();
  const model = { metadata: { name: "digits", namespace: "default", finalizers: ["slipway.dev/drain"] } };
  server.put(`${models}/digits`, model);
  const writes = server.writes.length;
  await assert.rejects(uninstall(), { code: "conflict", message: /There is a Model: default\/digits\. Nothing was changed/ });
  assert.equal(server.writes.length, writes);
  // The operator, as long as it runs, sees to the finalizer.
  const controller = server.controller;
  let drained = false;
  server.controller = (path, object) => {
    if (!path.startsWith(models) || object.metadata.deletionTimestamp === undefined) return controller(path, object);
    assert.ok(server.get(`${apps}/slipway-operator`), "the operator is there while a Model drains");
    drained = true;
    return { metadata: { ...object.metadata, finalizers: [] } };
  };
  assert.equal(await uninstall(true), true);
  assert.ok(drained);
  assert.ok(said.indexOf("Model default/digits") < said.indexOf("Deployment slipway-system/slipway-operator"));

  server.controller = controller;
  await install();
  server.put(`${models}/digits`, model);
  server.drop(`${apps}/slipway-operator`);
  assert.equal(await uninstall(true), true);
  assert.ok(said.includes("no operator runs: the Models are let go without it"));
  assert.equal(server.get(`${models}/digits`), undefined);
});
