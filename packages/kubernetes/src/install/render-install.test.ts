import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { kinds } from "@slipway/spec";
import { stringify } from "yaml";
import { renderRevision } from "../render/render-revision.ts";
import { at } from "../testing/at.ts";
import { image, modelOf, revisionOf } from "../testing/resources.ts";
import { renderInstall } from "./render-install.ts";

const objects = renderInstall({ image, version: "0.1.0" });
const of = (kind: string) => objects.filter((object) => object.kind === kind);

test("all objects but the CustomResourceDefinitions, which are in docs/crds", (t) => {
  const text = (value: unknown) =>
    (value as unknown[]).map((each) => stringify(each, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
  t.assert.fileSnapshot(
    objects.filter(({ kind }) => kind !== "CustomResourceDefinition"),
    join(import.meta.dirname, "../../golden/install.yaml"),
    { serializers: [text] },
  );
});

test("every object has a name of its own and what it refers to is there", () => {
  const ids = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  assert.equal(new Set(ids).size, ids.length);
  for (const { roleRef, subjects } of [...of("ClusterRoleBinding"), ...of("RoleBinding")]) {
    assert.ok(ids.includes(`${at(roleRef, "kind")} ${at(roleRef, "name")}`));
    for (const subject of subjects as unknown[]) assert.ok(ids.includes(`ServiceAccount ${at(subject, "name")}`));
  }
  for (const { spec } of of("ValidatingAdmissionPolicyBinding"))
    assert.ok(ids.includes(`ValidatingAdmissionPolicy ${at(spec, "policyName")}`));
});

test("what is applied first needs nothing that comes later", () => {
  const first = (kind: string) => objects.findIndex((object) => object.kind === kind);
  assert.equal(first("Namespace"), 0);
  for (const kind of ["CustomResourceDefinition", "ServiceAccount", "ClusterRole", "NetworkPolicy", "ValidatingAdmissionPolicy"])
    assert.ok(first(kind) < first("Deployment"), kind);
});

test("no wildcard, no Secret, and no way to more rights in any role", () => {
  const rules = [...of("ClusterRole"), ...of("Role")].flatMap((role) => role.rules as unknown as Record<string, string[]>[]);
  assert.ok(rules.length > 5);
  for (const rule of rules) {
    assert.ok(!Object.values(rule).flat().includes("*"), JSON.stringify(rule));
    assert.ok(!rule.resources!.some((name) => /secret|roles|rolebindings|exec|attach|portforward|proxy|nodes/.test(name)));
    assert.ok(!rule.verbs!.some((verb) => ["escalate", "bind", "impersonate", "deletecollection"].includes(verb)));
  }
});

test("the operator may write every kind that it renders", () => {
  const groupOf = (apiVersion: string) => (apiVersion.includes("/") ? apiVersion.split("/")[0]! : "");
  const rules = of("ClusterRole")[0]!.rules as unknown as { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  const model = modelOf();
  const plurals: Record<string, string> = { NetworkPolicy: "networkpolicies", Revision: kinds.Revision.plural };
  const written = renderRevision(model, revisionOf(model), { image, replicas: 1, systemNamespace: "slipway-system" });
  for (const { apiVersion, kind } of [...written, revisionOf(model)]) {
    const resource = plurals[kind] ?? `${kind.toLowerCase()}s`;
    const verbs = rules
      .filter((rule) => rule.apiGroups.includes(groupOf(apiVersion)) && rule.resources.includes(resource))
      .flatMap((rule) => rule.verbs);
    for (const verb of ["get", "create", "patch", "delete"]) assert.ok(verbs.includes(verb), `${verb} ${resource}`);
  }
});

test("every pod is restricted, runs an image by digest and knows how much it may use", () => {
  for (const { spec } of of("Deployment")) {
    const pod = at(spec, "template", "spec");
    assert.deepEqual([at(pod, "securityContext", "runAsNonRoot"), at(pod, "hostNetwork")], [true, undefined]);
    for (const container of at<unknown[]>(pod, "containers")) {
      assert.match(at<string>(container, "image"), /@sha256:[0-9a-f]{64}$/);
      assert.equal(at(container, "securityContext", "readOnlyRootFilesystem"), true);
      assert.notEqual(at(container, "resources", "requests"), undefined);
      assert.notEqual(at(container, "readinessProbe"), undefined);
    }
  }
});

test("another namespace is meant everywhere", () => {
  const elsewhere = JSON.stringify(renderInstall({ image, version: "0.1.0", namespace: "ml-platform" }));
  assert.ok(!elsewhere.includes("slipway-system"));
});

test("an image that could be another one tomorrow is refused", () => {
  assert.throws(() => renderInstall({ image: "registry.example/slipway:1", version: "0.1.0" }), { code: "invalid" });
});
