import type { Instant } from "@slipway/base";
import { type Condition, humanDuration, type Model, percentOf, type Revision, type Signature, secretKey } from "@slipway/spec";
import type { Field } from "./fields.ts";
import { table } from "./table.ts";

/** The fields that describe a Model to people. */
export function describeModel(model: Model, revisions: readonly Revision[], now: Instant): Field[] {
  const { spec, status } = model;
  const { minReplicas, maxReplicas } = spec.scaling;
  const metrics = (spec.scaling.metrics ?? []).map(({ type, target }) => `, ${target} % ${type}`).join("");
  const byHand = spec.replicas === undefined ? "" : `, ${spec.replicas} set by hand`;
  const pin = (spec.traffic ?? []).map((share) => `${percentOf(share.percent)} % ${share.revision}`).join(", ");
  return [
    ["URL", status?.url],
    ["Source", spec.source.bundle],
    ["Image", spec.source.image],
    ["Parameters", Object.entries(spec.parameters).map(([key, value]) => `${key}: ${value}`)],
    ["Resources", resourcesText(spec.resources)],
    ["Scaling", `${minReplicas} to ${maxReplicas ?? Math.max(10, minReplicas)} replicas${metrics}${byHand}`],
    ["Secrets", secretLines(spec.secrets)],
    ["Placement", placementLines(spec.placement)],
    ["Egress", egressLines(spec.network)],
    ["Samples", samplesText(spec.samples)],
    ["Pinned traffic", pin === "" ? undefined : pin],
    ["Traffic", (status?.traffic ?? []).map((share) => `${share.percent} % ${share.revision}`).join(", ")],
    ["Replicas", `${status?.readyReplicas ?? 0} of ${status?.replicas ?? 0} ready`],
    ["Instances", instanceLines(model, now)],
    ["Revisions", revisionLines(model, revisions, now)],
    ["Conditions", conditionLines(status?.conditions, now)],
  ];
}

/** The fields that describe a Revision to people. */
export function describeRevision(revision: Revision, now: Instant): Field[] {
  const { spec, status } = revision;
  return [
    ["Model", spec.model],
    ["Number", String(spec.number)],
    ["Source", spec.source.bundle],
    ["Image", spec.source.image],
    ["Parameters", Object.entries(spec.parameters).map(([key, value]) => `${key}: ${value}`)],
    ["Signature", spec.signature === undefined ? undefined : signatureLines(spec.signature)],
    ["Resources", resourcesText(spec.resources)],
    ["Secrets", secretLines(spec.secrets)],
    ["Placement", placementLines(spec.placement)],
    ["State", status?.state],
    ["Replicas", `${status?.readyReplicas ?? 0} of ${status?.replicas ?? 0} ready`],
    ["Conditions", conditionLines(status?.conditions, now)],
  ];
}

function resourcesText({ gpu, ...quantities }: Model["spec"]["resources"]): string | undefined {
  const parts = Object.entries(quantities).map(([name, quantity]) => `${name} ${quantity}`);
  if (gpu !== undefined) parts.push(`${gpu.name} ${gpu.count}`);
  return parts.length === 0 ? undefined : parts.join(", ");
}

/** Names only: nobody who describes a Model needs a value. */
function secretLines(secrets: Model["spec"]["secrets"] = []): string[] {
  return secrets.map((entry) => `${entry.env ?? entry.file}: ${secretKey(entry)} of Secret ${entry.name}`);
}

function placementLines(placement: Model["spec"]["placement"] = {}): string[] {
  const { nodeSelector = {}, tolerations = [], spread = [], priorityClassName, imagePullSecrets = [], architecture } = placement;
  return [
    ...Object.entries(nodeSelector).map(([key, value]) => `nodes with ${key}: ${value}`),
    ...(architecture === undefined ? [] : [`nodes of ${architecture}`]),
    ...tolerations.map(
      ({ key = "every taint", value, effect }) =>
        `tolerates ${key}${value === undefined ? "" : `=${value}`}${effect === undefined ? "" : `:${effect}`}`,
    ),
    ...(spread.length === 0 ? [] : [`spread by ${spread.join(" and ")}`]),
    ...(priorityClassName === undefined ? [] : [`priority ${priorityClassName}`]),
    ...(imagePullSecrets.length === 0 ? [] : [`image pulled with ${imagePullSecrets.join(", ")}`]),
  ];
}

function egressLines(network: Model["spec"]["network"] = {}): string[] {
  return (network.egress ?? []).map(({ cidr, ports, protocol }) => `${cidr} ${protocol} ${ports.join(", ")}`);
}

function samplesText(samples: Model["spec"]["samples"]): string {
  const { absolute, relative } = samples.tolerance;
  return samples.verify
    ? `answers must agree within ${absolute} + ${relative} × |expected|`
    : "run at warm-up, answers not compared";
}

function signatureLines(signature: Signature): string[] {
  return (["inputs", "outputs"] as const).flatMap((side) =>
    signature[side].map((tensor) => `${side.slice(0, -1)} ${tensor.name}: ${tensor.datatype}[${tensor.shape.join(",")}]`),
  );
}

function instanceLines(model: Model, now: Instant): string[] {
  const rows = (model.status?.instances ?? []).map((instance) => [
    instance.name,
    instance.state,
    instance.pid === undefined ? "-" : String(instance.pid),
    instance.startedAt === undefined ? "-" : humanDuration(now - Date.parse(instance.startedAt)),
    String(instance.restarts),
    instance.limits ?? "-",
    instance.message ?? "",
  ]);
  return rows.length === 0 ? [] : lines(table(["NAME", "STATE", "PID", "AGE", "RESTARTS", "LIMITS", "MESSAGE"], rows));
}

function revisionLines(model: Model, revisions: readonly Revision[], now: Instant): string[] {
  const rows = [...revisions]
    .sort((a, b) => b.spec.number - a.spec.number)
    .map((revision) => [
      revision.metadata.name,
      String(revision.spec.number),
      revision.metadata.name === model.status?.latestRevision
        ? `${revision.status?.state ?? "-"}, latest`
        : (revision.status?.state ?? "-"),
      `${revision.status?.readyReplicas ?? 0} of ${revision.status?.replicas ?? 0}`,
      revision.metadata.creationTimestamp === undefined
        ? "-"
        : humanDuration(now - Date.parse(revision.metadata.creationTimestamp)),
    ]);
  return rows.length === 0 ? [] : lines(table(["NAME", "NUMBER", "STATE", "READY", "AGE"], rows));
}

function conditionLines(conditions: readonly Condition[] | undefined, now: Instant): string[] {
  const rows = (conditions ?? []).map((condition) => [
    condition.type,
    condition.status,
    condition.reason,
    humanDuration(now - Date.parse(condition.lastTransitionTime)),
    condition.message,
  ]);
  return rows.length === 0 ? [] : lines(table(["TYPE", "STATUS", "REASON", "AGE", "MESSAGE"], rows));
}

function lines(text: string): string[] {
  return text.trimEnd().split("\n");
}
