import assert from "node:assert/strict";
import { test } from "node:test";
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
  assert.ok(spec.volumes.every((volume) => "configMap" in volume || "emptyDir" in volume));
  assert.ok(!JSON.stringify(spec).match(/hostPath|hostNetwork|hostPID|hostIPC|hostPort|privileged/));
});

test("limits are passed on as they are, and nothing is made up", () => {
  const resources = (given: Record<string, string>) => template({ resources: given }).spec.containers[0]!.resources;
  assert.equal(resources({}), undefined);
  assert.deepEqual(resources({ cpu: "2" }), { requests: { cpu: "2" }, limits: { cpu: "2" } });
  assert.deepEqual(resources({ memory: "1Gi" })?.limits, { memory: "1Gi" });
});

test("the grace period is longer than any drain, and the drain is asked for before the end", () => {
  const { spec } = template();
  assert.ok(spec.terminationGracePeriodSeconds > 30);
  assert.deepEqual(spec.containers[0]!.lifecycle.preStop.exec.command.at(-1), "cluster-drain");
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
