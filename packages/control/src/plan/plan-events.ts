import type { Model, ModelStatus } from "@slipway/spec";
import { holdsTraffic } from "./holds-traffic.ts";
import type { PlanInput } from "./plan-input.ts";
import { sameShares } from "./plan-traffic.ts";

/** Something worth telling about a Model. `reason` is CamelCase, `message` one sentence. */
export interface PlannedEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** What a person should know about the step from the old status to the new one: the story that `slipway events` tells. */
export function planEvents(input: PlanInput, after: ModelStatus): PlannedEvent[] {
  const before = input.model?.status;
  const events: PlannedEvent[] = [];
  const say = (type: PlannedEvent["type"], reason: string, message: string) => events.push({ type, reason, message });

  if (after.latestRevision !== undefined && after.latestRevision !== before?.latestRevision) {
    const from = before?.latestRevision === undefined ? "" : `, after ${before.latestRevision}`;
    say("Normal", "RevisionChanged", `The spec now describes ${after.latestRevision}${from}.`);
  }
  const old = new Map((before?.instances ?? []).map((instance) => [instance.name, instance]));
  for (const instance of after.instances ?? []) {
    const was = old.get(instance.name);
    if (instance.state === "starting" && was === undefined) {
      say("Normal", "ReplicaStarting", `${instance.name} starts: ${sizeReason(input.model!)}.`);
    }
    if (instance.state === "ready" && (was?.state !== "ready" || was.pid !== instance.pid)) {
      say("Normal", "ReplicaReady", `${instance.name} answers, process ${instance.pid}.`);
    }
    if (instance.state === "failed" && was?.state !== "failed") {
      say("Warning", "ReplicaFailed", `${instance.name} ended: ${instance.message ?? "no reason was given"}`);
    } else if (instance.restarts > (was?.restarts ?? 0) && instance.state !== "failed") {
      say("Warning", "ReplicaRestarted", `${instance.name} was started again (restart ${instance.restarts}).`);
    }
    if (instance.state === "draining" && was?.state !== "draining") {
      say("Normal", "ReplicaDraining", `${instance.name} finishes what it accepted.`);
    }
  }
  const names = new Set((after.instances ?? []).map((instance) => instance.name));
  for (const gone of before?.instances ?? []) {
    if (!names.has(gone.name)) say("Normal", "ReplicaStopped", `${gone.name} has ended.`);
  }
  if (!sameShares(before?.traffic ?? [], after.traffic ?? []) && (after.traffic ?? []).length > 0) {
    const split = (after.traffic ?? []).map((share) => `${share.percent} % to ${share.revision}`).join(", ");
    say("Normal", "TrafficSwitched", `Requests go ${split}: ${trafficReason(input.model!)}.`);
  }
  const ready = (status: ModelStatus | undefined) => status?.conditions?.find((condition) => condition.type === "Ready");
  const [was, is] = [ready(before), ready(after)];
  if (is?.status === "True" && was?.status !== "True") say("Normal", "Ready", is.message);
  if (is?.status === "False" && is.reason !== was?.reason && is.reason !== "Starting" && is.reason !== "Deleting") {
    say("Warning", is.reason, is.message);
  }
  return events;
}

function sizeReason(model: Model): string {
  const { replicas, scaling } = model.spec;
  return replicas === undefined ? `spec.scaling.minReplicas is ${scaling.minReplicas}` : `spec.replicas is ${replicas}`;
}

function trafficReason(model: Model): string {
  if ((model.spec.traffic ?? []).length === 0) return "it is what the spec describes";
  return holdsTraffic(model) ? "`slipway rollback` asked for it" : "spec.traffic asks for it";
}
