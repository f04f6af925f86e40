import { X509Certificate } from "node:crypto";
import type { ClusterObjects, LiveObject } from "../cluster/cluster-objects.ts";
import { type ObservedPod, podTrouble } from "../cluster/pod-trouble.ts";
import { type Component, componentName, componentSelector } from "../install/install-meta.ts";
import { findInstallation, type Installation } from "../install/installation.ts";
import { labels } from "../objects/labels.ts";
import { operatorLease, systemSecrets } from "../objects/names.ts";
import { type CheckContext, type ClusterCheck, guarded } from "./cluster-check.ts";

const day = 86_400_000;

/** Leaves live 30 days and are renewed after 20: less than this is left only when nobody renews. */
const leastLeftMs = 5 * day;

/** A lease is renewed every 2 s; this machine's clock and the cluster's may differ by some seconds. */
const clockSkewMs = 30_000;

/** Whether the installation of a cluster works. */
export async function checkAfterInstall(context: CheckContext): Promise<ClusterCheck[]> {
  const { objects } = context;
  const found = await findInstallation(objects);
  if (found === undefined) {
    const hint = "Install it: `slipway install --image REPOSITORY@sha256:…`.";
    return [{ name: "Slipway", state: "warn", detail: "is not installed", hint }];
  }
  return Promise.all([
    Promise.resolve(installed(found, context.version)),
    guarded("kinds", () => kinds(context)),
    guarded("operator", () => component(objects, found, "operator")),
    guarded("leader", () => leader(objects, found)),
    guarded("gateways", () => component(objects, found, "gateway")),
    guarded("certificates", () => certificates(objects, found)),
    guarded("models", () => models(objects)),
  ]);
}

function installed(found: Installation, version: string): ClusterCheck {
  const detail = `version ${found.version} in namespace ${found.namespace}`;
  if (found.version === version) return { name: "Slipway", state: "ok", detail };
  return {
    name: "Slipway",
    state: "warn",
    detail: `${detail}; this command is ${version}`,
    hint: "Use the same version of both: `slipway install` with this version's image upgrades the cluster.",
  };
}

async function kinds({ objects, version }: CheckContext): Promise<ClusterCheck> {
  interface Definition extends LiveObject {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }
  const name = "kinds";
  const wrong: string[] = [];
  for (const definition of ["models.slipway.dev", "revisions.slipway.dev"]) {
    const reference = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: definition } };
    const found = await objects.get<Definition>(reference);
    const established = found?.status?.conditions?.some(({ type, status }) => type === "Established" && status === "True");
    if (established !== true) wrong.push(`${definition} is not established`);
    else if (found?.metadata.labels?.[labels.version] !== version)
      wrong.push(`${definition} is of version ${found?.metadata.labels?.[labels.version] ?? "unknown"}`);
  }
  if (wrong.length === 0) return { name, state: "ok", detail: `established, of version ${version}` };
  return { name, state: "warn", detail: `${wrong.join("; ")}.`, hint: "`slipway install` applies them again." };
}

async function component(objects: ClusterObjects, { namespace }: Installation, which: Component): Promise<ClusterCheck> {
  interface Deployment extends LiveObject {
    readonly spec: { readonly replicas: number };
    readonly status?: { readonly readyReplicas?: number };
  }
  const name = which === "operator" ? "operator" : "gateways";
  const reference = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: componentName(which), namespace } };
  const found = await objects.get<Deployment>(reference);
  if (found === undefined) return { name, state: "fail", detail: "is not there", hint: "`slipway install` makes it again." };
  const { replicas } = found.spec;
  const ready = found.status?.readyReplicas ?? 0;
  if (ready >= replicas) return { name, state: "ok", detail: `${ready} of ${replicas} ready` };
  const labelSelector = Object.entries(componentSelector(which))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const pods = await objects.list<ObservedPod>({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector });
  const trouble = pods.map(podTrouble).find((text) => text !== undefined);
  return {
    name,
    state: ready === 0 ? "fail" : "warn",
    detail: `${ready} of ${replicas} ready${trouble === undefined ? "" : `: ${trouble}`}`,
    hint: `See \`kubectl -n ${namespace} describe pods\` and \`kubectl -n ${namespace} logs deployment/${componentName(which)}\`.`,
  };
}

async function leader(objects: ClusterObjects, { namespace }: Installation): Promise<ClusterCheck> {
  interface Lease extends LiveObject {
    readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: string; readonly leaseDurationSeconds?: number };
  }
  const name = "leader";
  const reference = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: operatorLease, namespace } };
  const { holderIdentity = "", renewTime, leaseDurationSeconds = 15 } = (await objects.get<Lease>(reference))?.spec ?? {};
  const hint = `See \`kubectl -n ${namespace} logs deployment/slipway-operator\`. Models go on serving; nothing that is applied takes effect.`;
  if (holderIdentity === "" || renewTime === undefined) return { name, state: "fail", detail: "no operator leads", hint };
  const age = objects.clock.now() - Date.parse(renewTime);
  if (age < leaseDurationSeconds * 1_000 + clockSkewMs) return { name, state: "ok", detail: `${holderIdentity} leads` };
  return { name, state: "fail", detail: `${holderIdentity} led, and was last heard of ${Math.round(age / 1_000)} s ago`, hint };
}

async function certificates(objects: ClusterObjects, { namespace }: Installation): Promise<ClusterCheck> {
  interface Secret extends LiveObject {
    readonly data?: Readonly<Record<string, string>>;
  }
  const name = "certificates";
  const left: number[] = [];
  for (const secret of [systemSecrets.authority, systemSecrets.gatewayTls]) {
    const found = await objects.get<Secret>({ apiVersion: "v1", kind: "Secret", metadata: { name: secret, namespace } });
    const pem = found?.data?.["tls.crt"];
    const hint = "The operator that leads makes it; see whether one does.";
    if (pem === undefined) return { name, state: "fail", detail: `${secret} is not there`, hint };
    const expires = Date.parse(new X509Certificate(Buffer.from(pem, "base64")).validTo);
    left.push(expires - objects.clock.now());
    if (left.at(-1)! < leastLeftMs) {
      const days = Math.floor(left.at(-1)! / day);
      const detail = days < 0 ? `${secret} has expired` : `${secret} expires in ${days} days and was not renewed`;
      return { name, state: days < 0 ? "fail" : "warn", detail, hint: "The operator that leads renews it; see its log." };
    }
  }
  return { name, state: "ok", detail: `good for ${Math.floor(Math.min(...left) / day)} more days at least; renewed before` };
}

async function models(objects: ClusterObjects): Promise<ClusterCheck> {
  interface Model extends LiveObject {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }
  const name = "models";
  const all = await objects.list<Model>({ apiVersion: "slipway.dev/v1alpha1", kind: "Model" });
  const unready = all.filter(({ status }) => status?.conditions?.find(({ type }) => type === "Ready")?.status !== "True");
  if (unready.length === 0) return { name, state: "ok", detail: `${all.length} applied, all ready` };
  const names = unready.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const some = names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
  const hint = "Ask why: `slipway describe model NAME -n NAMESPACE --context CONTEXT`.";
  return { name, state: "warn", detail: `${unready.length} of ${all.length} not ready: ${some}`, hint };
}
