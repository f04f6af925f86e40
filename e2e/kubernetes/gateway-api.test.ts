// The way in through a Gateway of somebody else's: the HTTPRoute that `slipway install --parent-gateway` makes, on a real API server with the Gateway API's own
// kinds. No controller of that API runs here: what it would pass on is sent to the route's backend, as the route names it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { KubernetesObject } from "@slipway/kubernetes";
import { kubectl, kubectlApply, kubectlGet } from "../cluster/index.ts";
import { requestFor } from "../harness/digits.ts";
import { eventually } from "../harness/eventually.ts";
import { cameSince, clusterInventory } from "./harness/cluster-inventory.ts";
import { DigitsInCluster } from "./harness/digits-in-cluster.ts";
import { Installation, modelNamespace, systemNamespace } from "./harness/installation.ts";
import { leftOut } from "./harness/use-cluster.ts";
import { gatewayApiKinds, gatewayApiMissing } from "./judges/gateway-api.ts";

const what = "the way in through the Gateway API";
const missing = gatewayApiMissing();
if (missing !== undefined) console.error(`left out: ${what}. ${missing}`);

const host = "models.example.com";
const infrastructure: KubernetesObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "infra" } };
const gateway: KubernetesObject = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name: "public", namespace: "infra" },
  spec: {
    gatewayClassName: "nobody",
    listeners: [{ name: "http", port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "All" } } }],
  },
};

interface HttpRoute {
  readonly spec: {
    readonly parentRefs: readonly object[];
    readonly hostnames: readonly string[];
    readonly rules: readonly { readonly backendRefs: readonly { readonly name: string; readonly port: number }[] }[];
  };
}

describe(what, { skip: missing ?? leftOut(what, "kinds") }, () => {
  let installation: Installation;
  let kinds: readonly KubernetesObject[];

  before(async () => {
    kinds = await gatewayApiKinds();
    installation = await Installation.up();
  });
  after(async () => {
    for (const { kind, metadata } of [infrastructure, ...(kinds ?? [])])
      await kubectl("delete", kind, metadata.name, "--ignore-not-found", "--timeout=60s");
    await installation?.close();
  });

  test("without that API: the doctor says so, install refuses before it changes anything, and needs it for nothing else", async () => {
    assert.match((await installation.slipway(["doctor"])).stdout, /Gateway API +is not there; only --parent-gateway needs it/);
    const untouched = await clusterInventory(kubectl);
    const refused = await installation.slipway([
      "install",
      "--parent-gateway",
      "infra/public",
      "--model-namespace",
      "never-made",
    ]);
    assert.equal(refused.code, 3, refused.stderr);
    assert.match(
      refused.stderr,
      /This cluster does not have the Gateway API, which --parent-gateway needs\..*Leave --parent-gateway out/s,
    );
    const now = await clusterInventory(kubectl);
    assert.deepEqual([cameSince(untouched, now), cameSince(now, untouched)], [[], []]);
    const { stdout } = await installation.ok("install");
    assert.doesNotMatch(stdout, /HTTPRoute/);
  });

  test("with it: the route is made as rendered, and leads from the Gateway named to a Service where Models answer to the name", async () => {
    await kubectlApply(kinds);
    await kubectl("wait", "--for=condition=Established", ...kinds.map(({ metadata }) => `crd/${metadata.name}`), "--timeout=30s");
    await kubectlApply([infrastructure, gateway]);
    assert.match((await installation.slipway(["doctor"])).stdout, /Gateway API +is there/);

    const flags = ["--parent-gateway", "infra/public", "--host", host];
    const { stdout } = await installation.ok("install", ...flags);
    assert.match(stdout, /^HTTPRoute slipway-system\/slipway-gateway created$/m);
    const { spec } = await routeNow();
    const printed = await installation.slipwayAlone([
      "install",
      "--image",
      installation.image,
      "--dry-run",
      "-o",
      "json",
      ...flags,
    ]);
    const { items } = JSON.parse(printed.stdout) as { items: KubernetesObject[] };
    const rendered = items.find(({ kind }) => kind === "HTTPRoute")!;
    assert.deepEqual(spec, rendered.spec, "the API server kept every field as it was rendered, and added none");

    assert.deepEqual(spec.hostnames, [host]);
    assert.deepEqual(spec.parentRefs, [
      { group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "infra", name: "public" },
    ]);
    await kubectlGet("-n", "infra", "gateway", "public");
    const [backend] = spec.rules[0]!.backendRefs;
    const service = await kubectlGet<{ spec: { clusterIP: string; ports: { port: number }[] } }>(
      "-n",
      systemNamespace,
      "service",
      backend!.name,
    );
    assert.ok(service.spec.ports.some(({ port }) => port === backend!.port));
    const digits = await DigitsInCluster.prepare(installation);
    await digits.apply("v1");
    const url = installation
      .inferUrl("digits")
      .replace(installation.gateway, `http://${service.spec.clusterIP}:${backend!.port}`);
    const passedOn = (name: string) => installation.call(url, { body: requestFor([0]), headers: { host: name } });
    const answer = await passedOn(host);
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await passedOn("other.example.com")).status, 421);
  });

  test("its schema is kept to: an unknown field and a weight that is none are refused", async () => {
    const route = {
      ...(await routeNow()),
      metadata: { name: "wrong", namespace: systemNamespace },
    } as unknown as KubernetesObject;
    await dryRun(route);
    const spec = route.spec as HttpRoute["spec"];
    await assert.rejects(dryRun({ ...route, spec: { ...spec, hostname: host } }), /unknown field|not declared/);
    await assert.rejects(
      dryRun({ ...route, spec: { ...spec, rules: [{ backendRefs: [{ name: "x", port: 80, weight: -1 }] }] } }),
      /weight/,
    );
  });

  test("asked for no more, the route goes and Models stay; nobody's else does", async () => {
    const again = await installation.ok("install");
    assert.doesNotMatch(again.stdout, / (created|configured|deleted)$/m, "what no flag names stays");
    const { stdout } = await installation.ok("install", "--parent-gateway", "");
    assert.deepEqual(stdout.match(/^.* (created|configured|deleted)$/gm), ["HTTPRoute slipway-system/slipway-gateway deleted"]);
    assert.equal(await routes(), "");
    await kubectlGet("-n", modelNamespace, "model", "digits");
  });

  test("uninstalling takes the route away with all else, and leaves the Gateway and its API", async () => {
    await installation.ok("install", "--parent-gateway", "infra/public");
    assert.match(await routes(), /slipway-gateway/);
    const { stdout } = await installation.ok("uninstall", "--delete-models");
    assert.match(stdout, /^HTTPRoute slipway-system\/slipway-gateway deleted$/m);
    assert.equal(await routes(), "");
    await kubectlGet("-n", "infra", "gateway", "public");
    await eventually("no namespace of Slipway is left", 30, async () => {
      const names = await kubectl("get", "namespaces", "-o", "name");
      return !names.includes(systemNamespace) && !names.includes(`namespace/${modelNamespace}`);
    });
  });

  const routeNow = () => kubectlGet<HttpRoute>("-n", systemNamespace, "httproute", "slipway-gateway");
  const routes = async () => (await kubectl("get", "httproutes", "-A", "--no-headers", "--ignore-not-found")).trim();
  const dryRun = (object: object) => kubectlApply([object], "--dry-run=server");
});
