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
  assert.equal(new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).size, ids.length);
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

type Rule = { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] };
const rulesOf = (kind: string, name: string) =>
  of(kind).find(({ metadata }) => metadata.name === name)!.rules as unknown as readonly Rule[];

test("no wildcard and no way to more rights in any role", () => {
  const rules = [...of("ClusterRole"), ...of("Role")].flatMap((role) => role.rules as unknown as Rule[]);
  assert.ok(rules.length > 10);
  for (const rule of rules) {
    assert.ok(!Object.values(rule).flat().includes("*"), JSON.stringify(rule));
    assert.ok(!rule.resources.some((name) => /roles|rolebindings|exec|attach|portforward|proxy|impersonate/.test(name)));
    assert.ok(!rule.verbs.some((verb) => ["escalate", "bind", "impersonate", "deletecollection"].includes(verb)));
  }
});

test("what is bound everywhere reaches no Secret and writes nothing but what is Slipway's own", () => {
  const bound = of("ClusterRoleBinding").map(({ roleRef }) => at<string>(roleRef, "name"));
  assert.deepEqual(bound, ["slipway-operator", "slipway-gateway"]);
  for (const rule of bound.flatMap((name) => rulesOf("ClusterRole", name))) {
    assert.ok(!rule.resources.includes("secrets"));
    if (rule.apiGroups[0] === "slipway.dev" || rule.resources[0] === "events" || rule.resources[0] === "tokenreviews") continue;
    assert.deepEqual(rule.verbs, ["get", "list", "watch"], JSON.stringify(rule));
  }
});

test("in the platform's namespace every Secret and Lease is named, but for making one", () => {
  for (const role of of("Role")) {
    for (const { resourceNames, verbs } of role.rules as unknown as Rule[]) {
      if (resourceNames === undefined) assert.deepEqual(verbs, ["create"]);
    }
  }
});

test("the operator may write every kind that it renders in namespaces that were opened, and only there", () => {
  const groupOf = (apiVersion: string) => (apiVersion.includes("/") ? apiVersion.split("/")[0]! : "");
  const verbsFor = (role: string, apiVersion: string, resource: string) =>
    rulesOf("ClusterRole", role)
      .filter((rule) => rule.apiGroups.includes(groupOf(apiVersion)) && rule.resources.includes(resource))
      .flatMap((rule) => rule.verbs);
  const model = modelOf();
  const plurals: Record<string, string> = { NetworkPolicy: "networkpolicies" };
  for (const { apiVersion, kind } of renderRevision(model, revisionOf(model), {
    image,
    replicas: 1,
    systemNamespace: "slipway-system",
  })) {
    const verbs = verbsFor("slipway-models", apiVersion, plurals[kind] ?? `${kind.toLowerCase()}s`);
    for (const verb of ["get", "create", "patch", "delete"]) assert.ok(verbs.includes(verb), `${verb} ${kind}`);
  }
  const own = verbsFor("slipway-operator", "slipway.dev/v1alpha1", kinds.Revision.plural);
  for (const verb of ["get", "list", "watch", "create", "patch", "delete"]) assert.ok(own.includes(verb), verb);
  const opened = (settings: object) =>
    renderInstall({ image, version: "0.1.0", ...settings }).flatMap(({ kind, metadata, roleRef }) =>
      kind === "RoleBinding" && at(roleRef, "name") === "slipway-models" ? [metadata.namespace] : [],
    );
  assert.deepEqual(opened({}), ["default"]);
  assert.deepEqual(opened({ modelNamespaces: ["vision", "speech", "vision"] }), ["speech", "vision"]);
});

test("hosts reach the gateway and its route", () => {
  const rendered = renderInstall({
    image,
    version: "0.1.0",
    hosts: ["models.example"],
    parentGateway: { namespace: "infra", name: "public" },
  });
  const route = rendered.at(-1)!;
  assert.deepEqual(at(route.spec, "parentRefs", 0), {
    group: "gateway.networking.k8s.io",
    kind: "Gateway",
    namespace: "infra",
    name: "public",
  });
  assert.deepEqual(at(route.spec, "hostnames"), ["models.example"]);
  const gateway = rendered.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "slipway-gateway")!;
  const env = at<{ name: string; value?: string }[]>(gateway.spec, "template", "spec", "containers", 0, "env");
  assert.equal(env.find(({ name }) => name === "SLIPWAY_HOSTS")?.value, "models.example");
});

test("what is no name is refused, and so is the platform's namespace as one for Models", () => {
  const refused = (settings: object, message: RegExp) =>
    assert.throws(() => renderInstall({ image, version: "0.1.0", ...settings }), { code: "invalid", message });
  refused({ namespace: "Big" }, /"Big" is not a namespace/);
  refused({ modelNamespaces: ["a/b"] }, /"a\/b" is not a namespace/);
  refused({ hosts: ["https://x"] }, /"https:\/\/x" is not a host name/);
  refused({ parentGateway: { namespace: "infra", name: "" } }, /is not a name of a Gateway/);
  refused({ modelNamespaces: ["slipway-system"] }, /the platform's own namespace/);
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
