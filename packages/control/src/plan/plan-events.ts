import { isDeepStrictEqual } from "node:util";
import { type Model, type ModelInstance, type ModelStatus, type Revision, revisionParts } from "@slipway/spec";
import { holdsTraffic } from "./holds-traffic.ts";
import type { PlanInput } from "./plan-input.ts";
import type { RevisionPlan } from "./plan-revisions.ts";
import type { TrafficPlan } from "./plan-traffic.ts";
import { sameShares } from "./same-shares.ts";
import { placeAutoscaling } from "./wanted-replicas.ts";

/** Something worth telling about a Model. `reason` is CamelCase, `message` one sentence. */
export interface PlannedEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** A step: the world as it was, what was decided, and the status that comes of it. */
interface Step {
  readonly input: PlanInput;
  readonly revisions: RevisionPlan;
  readonly traffic: TrafficPlan;
  readonly after: ModelStatus;
}

/** Names listed one by one; more replicas than this are counted. */
const mostNamed = 3;

/**
 * What a person should know about the step from the old status to the new one, cause before effect: the story that `slipway events` tells.
 * It is told with the write of the new status, so nothing is told twice, and replicas that do the same for the same reason are one sentence.
 */
export function planEvents(step: Step): PlannedEvent[] {
  return [...revisionEvents(step), ...replicaEvents(step), ...trafficEvents(step), ...readinessEvents(step)];
}

/** That a rollback no longer holds the traffic. */
export function rollbackEnded(model: Model, latest: string): PlannedEvent {
  const pinned = (model.spec.traffic ?? []).filter(({ percent }) => percent !== 0 && percent !== "0%");
  const message = `The rollback to ${listed(pinned.map((share) => share.revision))} ends: the spec now describes ${latest}.`;
  return normal("RollbackEnded", message);
}

function revisionEvents({ input, revisions, after }: Step): PlannedEvent[] {
  const before = input.model?.status?.latestRevision;
  const latest = after.latestRevision;
  if (latest === undefined || latest === before) return [];
  const made = revisions.all.get(latest);
  if (before === undefined) return [normal("RevisionChanged", `${latest} is made from the spec.`)];
  const newest = [...revisions.all.values()].every((other) => other.spec.number <= (made?.spec.number ?? 0));
  const how = newest ? `${latest} is made from the spec` : `The spec describes ${latest} again`;
  return [normal("RevisionChanged", `${how}: ${difference(revisions.all.get(before), made)} (was ${before}).`)];
}

function difference(before: Revision | undefined, after: Revision | undefined): string {
  const changed = revisionParts.filter((part) => !isDeepStrictEqual(before?.spec[part], after?.spec[part]));
  return `${listed(changed.map((part) => `spec.${part}`))} changed`;
}

function replicaEvents(step: Step): PlannedEvent[] {
  const old = new Map((step.input.model?.status?.instances ?? []).map((instance) => [instance.name, instance]));
  const instances = step.after.instances ?? [];
  const became = (state: ModelInstance["state"]) =>
    instances.filter((instance) => instance.state === state && old.get(instance.name)?.state !== state);
  const events: PlannedEvent[] = [];
  for (const instance of instances) {
    const was = old.get(instance.name);
    if (instance.state === "failed" && (was?.state !== "failed" || instance.restarts > was.restarts)) {
      events.push(
        warning(
          "ReplicaFailed",
          `${instance.name} ended: ${sentence(instance.message ?? "no reason was given")}${sequel(step, instance)}.`,
        ),
      );
    } else if (instance.state !== "failed" && instance.restarts > (was?.restarts ?? 0)) {
      events.push(warning("ReplicaRestarted", `${instance.name} ended and was started again (restart ${instance.restarts}).`));
    }
  }
  const starting = became("starting").filter((instance) => !old.has(instance.name));
  for (const [revision, names] of byRevision(starting)) {
    events.push(normal("ReplicaStarting", `${replicas(names, revision, "starts", "start")}: ${startReason(step, revision)}.`));
  }
  for (const instance of instances) {
    const was = old.get(instance.name);
    if (instance.state !== "ready" || (was?.state === "ready" && was.pid === instance.pid)) continue;
    events.push(
      normal("ReplicaReady", `${instance.name} answers${instance.pid === undefined ? "" : `, process ${instance.pid}`}.`),
    );
  }
  for (const [revision, names] of byRevision(became("draining"))) {
    events.push(
      normal(
        "ReplicaDraining",
        `${replicas(names, revision, "finishes", "finish")} what was accepted and then ${names.length === 1 ? "ends" : "end"}: ${stopReason(step, revision)}.`,
      ),
    );
  }
  return events;
}

/** What happens to a failed replica next, where its place says so. */
function sequel({ input, traffic }: Step, { name, revision }: ModelInstance): string {
  const replica = input.replicas.find((other) => other.name === name);
  if (isDeleting(input) || !traffic.wanted.has(revision) || replica?.restartsAt === undefined) return "";
  const delay = replica.restartsAt - (replica.exit?.at ?? replica.restartsAt);
  return `; it starts again ${delay <= 0 ? "at once" : `in ${delay / 1000} s`}`;
}

function startReason({ input, traffic }: Step, revision: string): string {
  if (traffic.inForce.some((share) => share.revision === revision)) return sizeReason(input);
  return `it takes over from ${listed(traffic.inForce.map((share) => share.revision))} once it answers`;
}

function stopReason({ input, traffic }: Step, revision: string): string {
  if (isDeleting(input)) return "the Model is being deleted";
  return traffic.wanted.has(revision)
    ? sizeReason(input)
    : `${listed(traffic.inForce.map((share) => share.revision))} ${traffic.inForce.length === 1 ? "answers" : "answer"} instead`;
}

function sizeReason({ model, place }: PlanInput): string {
  const { replicas: asked, scaling } = model!.spec;
  if (placeAutoscaling(model!, place) !== undefined) return "the load of spec.scaling.metrics asks for this many";
  return asked === undefined ? `spec.scaling.minReplicas is ${scaling.minReplicas}` : `spec.replicas is ${asked}`;
}

function trafficEvents({ input, after }: Step): PlannedEvent[] {
  const before = input.model?.status?.traffic ?? [];
  const now = after.traffic ?? [];
  // What a new Model begins with is no switch.
  if (before.length === 0 || now.length === 0 || sameShares(before, now)) return [];
  const split = listed(now.map((share) => `${share.percent} % to ${share.revision}`));
  return [normal("TrafficSwitched", `Requests go ${split}: ${trafficReason(input.model!)}.`)];
}

function trafficReason(model: Model): string {
  if ((model.spec.traffic ?? []).length === 0) return "it is what the spec describes, and it answers";
  return holdsTraffic(model) ? "`slipway rollback` asked for it" : "spec.traffic asks for it";
}

function readinessEvents({ input, after }: Step): PlannedEvent[] {
  const ready = (status: ModelStatus | undefined) => status?.conditions?.find((condition) => condition.type === "Ready");
  const [was, is] = [ready(input.model?.status), ready(after)];
  if (is?.status === "True" && was?.status !== "True") return [normal("Ready", is.message)];
  if (is?.status !== "False" || is.reason === was?.reason || is.reason === "Starting") return [];
  return [is.reason === "Deleting" ? normal(is.reason, is.message) : warning(is.reason, is.message)];
}

function byRevision(instances: readonly ModelInstance[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { revision, name } of instances) names.set(revision, [...(names.get(revision) ?? []), name]);
  return names;
}

function replicas(names: readonly string[], revision: string, one: string, many: string): string {
  if (names.length === 1) return `${names[0]} ${one}`;
  return `${names.length > mostNamed ? `${names.length} replicas of ${revision}` : listed(names)} ${many}`;
}

/** `a`, `a and b`, `a, b and c`. */
function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

function sentence(text: string): string {
  return text.replace(/[.\s]+$/, "");
}

function isDeleting(input: PlanInput): boolean {
  return input.model?.metadata.deletionTimestamp !== undefined;
}

function normal(reason: string, message: string): PlannedEvent {
  return { type: "Normal", reason, message };
}

function warning(reason: string, message: string): PlannedEvent {
  return { type: "Warning", reason, message };
}
