import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { modelSpecs } from "../testing/model-specs.ts";
import { image, modelOf, revisionOf } from "../testing/resources.ts";
import { podTemplate } from "./pod-template.ts";

const template = (spec: Record<string, unknown> = {}) => {
  const model = modelOf(spec);
  return podTemplate({
    model,
    revision: revisionOf(model),
    settings: { image, replicas: 1, systemNamespace: "slipway-system" },
  });
};

test("a pod meets the restricted Pod Security Standard and more", () => {
  const { spec } = template();
  assert.equal(spec.automountServiceAccountToken, false);
  assert.equal(spec.securityContext.runAsNonRoot, true);
  assert.ok(spec.securityContext.runAsUser > 0);
  assert.equal(spec.securityContext.seccompProfile.type, "RuntimeDefault");
  for (const { securityContext } of spec.containers) {
    assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] });
    assert.equal(securityContext.allowPrivilegeEscalation, false);
    assert.equal(securityContext.readOnlyRootFilesystem, true);
  }
  // The volume types the standard allows, and of them only these.
  assert.ok(spec.volumes.every((volume) => "projected" in volume || "emptyDir" in volume));
  assert.ok(!JSON.stringify(spec).match(/hostPath|hostNetwork|hostPID|hostIPC|hostPort|privileged/));
});

test("limits are passed on as they are, and nothing is made up", () => {
  const resources = (given: Record<string, unknown>) => template({ resources: given }).spec.containers[0]!.resources;
  assert.equal(resources({}), undefined);
  assert.deepEqual(resources({ cpu: "2" }), { requests: { cpu: "2" }, limits: { cpu: "2" } });
  assert.deepEqual(resources({ memory: "1Gi" })?.limits, { memory: "1Gi" });
  const gpu = { "nvidia.com/gpu": "2" };
  assert.deepEqual(resources({ gpu: { name: "nvidia.com/gpu", count: 2 } }), { requests: gpu, limits: gpu });
});

test("the grace period is longer than any drain, and the replica itself drains when it is asked to end", () => {
  const { spec } = template();
  assert.ok(spec.terminationGracePeriodSeconds > 30);
  assert.equal("lifecycle" in spec.containers[0]!, false);
});

test("a replica has its certificate beside what it serves, in a volume that changes with them", () => {
  const { volumes, containers } = template().spec;
  const [configuration] = volumes;
  assert.ok("projected" in configuration!);
  const paths = configuration.projected.sources.flatMap((source) => {
    const { items } = ("configMap" in source ? source.configMap : source.secret)!;
    return items.map(({ path }) => `/etc/slipway/${path}`);
  });
  assert.deepEqual(paths, [
    "/etc/slipway/replica.json",
    "/etc/slipway/tls/tls.crt",
    "/etc/slipway/tls/tls.key",
    "/etc/slipway/tls/ca.crt",
  ]);
  assert.match(JSON.stringify(configuration), /"secret":\{"name":"slipway-digits-tls"/);
  assert.deepEqual(containers[0]!.volumeMounts[0], { name: "configuration", mountPath: "/etc/slipway", readOnly: true });
});

test("the image is the revision's own, and without one there is nothing to run", () => {
  const imageOf = (spec: Record<string, unknown>, settings = {}) => {
    const model = modelOf(spec);
    const revision = revisionOf(model);
    return podTemplate({ model, revision, settings: { replicas: 1, systemNamespace: "slipway-system", ...settings } }).spec
      .containers[0]!.image;
  };
  const own = `registry.example/own@sha256:${"2".repeat(64)}`;
  const source = { bundle: `sha256:${"0".repeat(64)}`, image: own };
  assert.equal(imageOf({ source }), own);
  assert.equal(imageOf({ source }, { image }), image);
  assert.throws(() => imageOf({}), { code: "invalid", message: /names no image/ });
});

test("whatever a Model asks for, its pods are restricted, and hold no value of a Secret", () => {
  fc.assert(
    fc.property(modelSpecs, (spec) => {
      const pod = template(spec).spec;
      assert.ok(pod.volumes.every((volume) => "projected" in volume || "emptyDir" in volume));
      assert.deepEqual(
        pod.containers[0]!.volumeMounts.map(({ name }) => name),
        pod.volumes.map(({ name }) => name),
      );
      assert.ok(pod.containers[0]!.env.every((variable) => !("value" in variable)));
      const places = pod.containers[0]!.volumeMounts.map(({ mountPath }) => mountPath);
      assert.equal(new Set(places).size, places.length);
      const names = pod.containers[0]!.env.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
    }),
  );
});

test("every probe and mount names something that is there", () => {
  const { containers, volumes } = template().spec;
  const [model] = containers;
  const ports = new Set(model!.ports.map(({ name }) => name));
  for (const probe of [model!.startupProbe, model!.readinessProbe, model!.livenessProbe])
    assert.ok(ports.has(probe.httpGet.port));
  assert.deepEqual(
    model!.volumeMounts.map(({ name }) => name),
    volumes.map(({ name }) => name),
  );
});
