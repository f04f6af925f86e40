import type { ClusterObjects, LiveObject } from "../cluster/cluster-objects.ts";
import { modelsRole } from "../install/model-access.ts";
import { labels } from "../objects/labels.ts";
import { isServed } from "../rest/is-served.ts";
import { objectPath } from "../rest/object-path.ts";
import { type CheckContext, type ClusterCheck, guarded } from "./cluster-check.ts";
import { isSupported, oldestKubernetes, readClusterVersion } from "./cluster-version.ts";

/** What Slipway needs of a cluster, and what it would use of it: true before an installation, and after. */
export async function checkBeforeInstall(context: CheckContext): Promise<ClusterCheck[]> {
  const { objects } = context;
  return [
    // First and alone: it tells a cluster that cannot be reached.
    await version(objects),
    ...(await Promise.all([
      guarded("rights", () => rights(objects)),
      guarded("metrics API", () => metrics(objects)),
      guarded("Gateway API", () => gatewayApi(objects)),
      guarded("pod security", () => podSecurity(objects)),
      guarded("network policy", () => networkPolicy(objects)),
    ])),
  ];
}

async function version(objects: ClusterObjects): Promise<ClusterCheck> {
  const found = await readClusterVersion(objects.rest, objects.signal);
  if (isSupported(found)) return { name: "Kubernetes", state: "ok", detail: found.text };
  const least = `${oldestKubernetes.major}.${oldestKubernetes.minor}`;
  return {
    name: "Kubernetes",
    state: "fail",
    detail: `${found.text} is too old: ${least} or later is needed, for ValidatingAdmissionPolicies.`,
    hint: "Upgrade the cluster.",
  };
}

const needed: readonly (readonly [group: string, ...resources: string[]])[] = [
  ["", "namespaces", "services", "serviceaccounts"],
  ["apiextensions.k8s.io", "customresourcedefinitions"],
  ["rbac.authorization.k8s.io", "clusterroles", "clusterrolebindings", "roles", "rolebindings"],
  ["admissionregistration.k8s.io", "validatingadmissionpolicies", "validatingadmissionpolicybindings"],
  ["apps", "deployments"],
  ["policy", "poddisruptionbudgets"],
  ["networking.k8s.io", "networkpolicies"],
];

async function rights(objects: ClusterObjects): Promise<ClusterCheck> {
  const asked = needed.flatMap(([group, ...resources]) =>
    resources.flatMap((resource) => ["create", "patch", "delete"].map((verb) => ({ group, resource, verb }))),
  );
  const answers = await Promise.all(
    asked.map(async (attributes) => {
      const kind = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" };
      const answer = (await objects.rest.request("POST", objectPath(kind), {
        body: { ...kind, spec: { resourceAttributes: attributes } },
        signal: objects.signal,
      })) as { readonly status?: { readonly allowed?: boolean } };
      return { ...attributes, allowed: answer.status?.allowed === true };
    }),
  );
  const missing = answers.filter(({ allowed }) => !allowed);
  const name = "rights";
  if (missing.length === 0) return { name, state: "ok", detail: "this user may install, upgrade and uninstall" };
  const some = missing.slice(0, 3).map(({ verb, resource }) => `${verb} ${resource}`);
  return {
    name,
    state: "warn",
    detail: `this user may not install: not ${some.join(", ")}${missing.length > 3 ? ` and ${missing.length - 3} more` : ""}`,
    hint: "Who installs needs the ClusterRole cluster-admin; who applies Models needs edit in their namespace.",
  };
}

async function metrics(objects: ClusterObjects): Promise<ClusterCheck> {
  const name = "metrics API";
  if (await isServed(objects.rest, "/apis/metrics.k8s.io/v1beta1", objects.signal))
    return { name, state: "ok", detail: "is there" };
  return {
    name,
    state: "warn",
    detail: "is not there: Models cannot scale by CPU or memory.",
    hint: "Install metrics-server: https://github.com/kubernetes-sigs/metrics-server.",
  };
}

async function gatewayApi(objects: ClusterObjects): Promise<ClusterCheck> {
  const there = await isServed(objects.rest, "/apis/gateway.networking.k8s.io/v1", objects.signal);
  return { name: "Gateway API", state: "ok", detail: there ? "is there" : "is not there; only --parent-gateway needs it" };
}

async function podSecurity(objects: ClusterObjects): Promise<ClusterCheck> {
  const name = "pod security";
  const bindings = await objects.list(
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding" },
    { labelSelector: labels.installation, fieldSelector: `metadata.name=${modelsRole}` },
  );
  const opened = bindings.length === 0 ? ["default"] : bindings.map(({ metadata }) => metadata.namespace!);
  const loose: string[] = [];
  for (const namespace of opened) {
    const found = await objects.get<LiveObject>({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    if (found?.metadata.labels?.["pod-security.kubernetes.io/enforce"] !== "restricted") loose.push(namespace);
  }
  if (loose.length === 0) return { name, state: "ok", detail: `restricted is enforced where Models run: ${opened.join(", ")}` };
  return {
    name,
    state: "warn",
    detail: `restricted is not enforced in ${loose.join(", ")}: Models' pods keep to it, others there need not.`,
    hint: `If nothing else there needs more: \`kubectl label namespace ${loose[0]} pod-security.kubernetes.io/enforce=restricted\`.`,
  };
}

/** Network plugins that are known to enforce policies, by the name of their DaemonSet. */
const enforcing = /^(calico-node|cilium|antrea-agent|kube-router|weave-net|canal|ovnkube-node|aws-network-policy-agent)$/;

async function networkPolicy(objects: ClusterObjects): Promise<ClusterCheck> {
  const name = "network policy";
  const sets = await objects.list({ apiVersion: "apps/v1", kind: "DaemonSet" });
  const found = sets.find(({ metadata }) => enforcing.test(metadata.name));
  if (found !== undefined) return { name, state: "ok", detail: `${found.metadata.name} enforces it` };
  return {
    name,
    state: "warn",
    detail: "nothing that is known to enforce it was found; Slipway renders policies, and cannot see whether they count.",
    hint: "Ask who runs the cluster whether its network plugin enforces NetworkPolicies.",
  };
}
