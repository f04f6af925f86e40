import type { Instant } from "@slipway/base";
import type { Condition, Model, ModelInstance, ModelStatus, RevisionStatus } from "@slipway/spec";
import type { ObservedReplica } from "../backend.ts";
import type { PlanInput } from "./plan-input.ts";
import type { ReplicaPlan } from "./plan-replicas.ts";
import type { RevisionPlan } from "./plan-revisions.ts";
import { readyReplicas, type TrafficPlan } from "./plan-traffic.ts";
import { sameShares } from "./same-shares.ts";

interface StatusInput {
  readonly input: PlanInput;
  readonly revisions: RevisionPlan;
  readonly traffic: TrafficPlan;
  readonly replicas: ReplicaPlan;
}

type Verdict = Pick<Condition, "status" | "reason" | "message">;

/** What the Model's status says after this plan; times of conditions move only when their status does. */
export function planStatus(world: StatusInput, now: Instant): ModelStatus | undefined {
  const { input, traffic, revisions } = world;
  const { model } = input;
  if (model === undefined) return undefined;
  const own = input.replicas.filter((replica) => replica.owner === model.metadata.uid);
  const alive = own.filter((replica) => replica.state !== "exited");
  const latest = (revisions.refused === undefined ? revisions.latest : undefined) ?? model.status?.latestRevision;
  const set = (type: string, verdict: Verdict) => condition(model, type, verdict, now);
  const stalled = stalledVerdict(world);
  return {
    observedGeneration: model.metadata.generation ?? 1,
    replicas: alive.length,
    readyReplicas: alive.filter((replica) => replica.state === "ready").length,
    selector: `slipway.dev/model=${model.metadata.name}`,
    ...(latest === undefined ? {} : { latestRevision: latest }),
    url: modelUrl(input.gateway, input.key.namespace!, input.key.name),
    traffic: traffic.inForce.map(({ revision, percent }) => ({ revision, percent })),
    conditions: [
      set("Ready", readyVerdict(world)),
      set("Progressing", progressingVerdict(world)),
      ...(stalled === undefined ? [] : [set("Stalled", stalled)]),
      set("ResourceLimitsEnforced", limitsVerdict(model, alive)),
      ...input.place.conditions(model).map(({ type, ...verdict }) => set(type, verdict)),
    ],
    // One that ended because it was asked to is gone, not failed.
    instances: own.filter((replica) => replica.state !== "exited" || replica.exit?.reason !== "Completed").map(instance),
  };
}

/** Address under which one Model answers. */
export function modelUrl(gateway: string, namespace: string, name: string): string {
  return `${gateway}${namespace === "default" ? "" : `/namespaces/${namespace}`}/v2/models/${name}`;
}

/** What each existing revision's status says after this plan. */
export function planRevisionStatuses(input: PlanInput, traffic: TrafficPlan, replicas: ReplicaPlan): Map<string, RevisionStatus> {
  const statuses = new Map<string, RevisionStatus>();
  for (const revision of input.revisions) {
    const name = revision.metadata.name;
    const own = replicas.kept.filter((replica) => replica.revision === name);
    const failed = own.some((replica) => replica.state === "exited" && replica.exit?.reason === "ModelInvalid");
    statuses.set(name, {
      state: failed ? "Failed" : traffic.wanted.has(name) ? "Active" : "Retired",
      replicas: own.filter((replica) => replica.state !== "exited").length,
      readyReplicas: own.filter((replica) => replica.state === "ready").length,
    });
  }
  return statuses;
}

/** Why nothing but a change of the Model helps, if so; there only when it holds, as tools that wait for a Model (kstatus) read it. */
function stalledVerdict(world: StatusInput): Verdict | undefined {
  const { input, traffic } = world;
  if (input.model?.metadata.deletionTimestamp !== undefined) return undefined;
  const revisions = traffic.target.map((share) => share.revision);
  if (world.revisions.refused === undefined && traffic.unknown.length === 0 && invalidReplica(input, revisions) === undefined)
    return undefined;
  const ready = readyVerdict(world);
  return ready.status === "False" ? { ...ready, status: "True" } : undefined;
}

function readyVerdict({ input, revisions, traffic }: StatusInput): Verdict {
  const model = input.model!;
  if (model.metadata.deletionTimestamp !== undefined) {
    return { status: "False", reason: "Deleting", message: "Replicas finish what they accepted, then the Model goes." };
  }
  if (revisions.refused !== undefined) return { status: "False", ...refusal(revisions.refused, traffic) };
  if (traffic.unknown.length > 0) {
    const missing = traffic.unknown.join(", ");
    return {
      status: "False",
      reason: "RevisionNotFound",
      message: `spec.traffic names ${missing}, which does not exist; traffic stays as it was.`,
    };
  }
  const ready = (revision: string) => readyReplicas(input, model.metadata.uid!, revision).length;
  const inForce = sameShares(traffic.inForce, traffic.target);
  const waiting = traffic.target.filter((share) => share.percent > 0 && ready(share.revision) === 0);
  const keeps = inForce ? "" : `; ${names(traffic.inForce)} ${traffic.inForce.length === 1 ? "keeps" : "keep"} answering`;
  const failure = failureOf(
    input,
    traffic.target.map((share) => share.revision),
  );
  if (inForce && waiting.length === 0) {
    return {
      status: "True",
      reason: "Serving",
      message: `${names(traffic.target)} ${traffic.target.length === 1 ? "answers" : "answer"}.`,
    };
  }
  if (failure !== undefined) return { status: "False", reason: failure.reason, message: `${failure.message}${keeps}.` };
  if (!inForce) return { status: "Unknown", reason: "RollingOut", message: `${names(traffic.target)} is starting${keeps}.` };
  return { status: "False", reason: "Starting", message: `No replica of ${names(waiting)} is ready yet; requests are held.` };
}

function progressingVerdict({ input, traffic, revisions, replicas }: StatusInput): Verdict {
  if (revisions.latest === undefined)
    return { status: "True", reason: "Draining", message: `${input.replicas.length} replicas are left.` };
  if (revisions.refused !== undefined) return { status: "False", ...refusal(revisions.refused, traffic) };
  const wanted = [...traffic.wanted.values()].reduce((sum, count) => sum + count, 0);
  const ready = replicas.kept.filter((replica) => replica.state === "ready").length;
  const settled =
    sameShares(traffic.inForce, traffic.target) && ready === wanted && replicas.kept.length === input.replicas.length;
  if (settled && input.replicas.length === wanted) {
    return { status: "False", reason: "Complete", message: `${ready} of ${wanted} replicas are ready.` };
  }
  const failure = failureOf(input, [...traffic.wanted.keys()]);
  if (failure !== undefined) return { status: "False", reason: failure.reason, message: `${failure.message}.` };
  const leaving = input.replicas.length - replicas.kept.length;
  const rest = leaving > 0 ? `, ${leaving} leaving` : "";
  return { status: "True", reason: "ReplicasChanging", message: `${ready} of ${wanted} replicas are ready${rest}.` };
}

function refusal({ reason, message }: NonNullable<RevisionPlan["refused"]>, { inForce }: TrafficPlan) {
  const keeps = inForce.length === 0 ? "" : `; ${names(inForce)} ${inForce.length === 1 ? "keeps" : "keep"} answering`;
  return { reason, message: `No new revision is made: ${sentence(message)}${keeps}.` };
}

/** Why replicas of these revisions do not run, if something keeps them from it; what cannot get better by itself first. */
function failureOf(input: PlanInput, revisions: readonly string[]): { reason: string; message: string } | undefined {
  const own = input.replicas.filter((replica) => revisions.includes(replica.revision));
  const down = own.filter(isDown);
  const invalid = invalidReplica(input, revisions);
  if (invalid !== undefined) {
    const reason = invalid.error?.code === "notFound" ? "BundleNotFound" : "ModelInvalid";
    return { reason, message: `${invalid.revision} cannot start: ${sentence(invalid.exit!.message)}` };
  }
  const problem = input.problems.find(({ revision }) => revisions.includes(revision));
  if (problem !== undefined) {
    const what = own.some((replica) => replica.revision === problem.revision) ? "gets no more replicas" : "gets no replica";
    return { reason: problem.reason, message: `${problem.revision} ${what}: ${sentence(problem.message)}` };
  }
  const stuck = down.find((replica) => replica.error?.reason !== undefined);
  if (stuck !== undefined) {
    return { reason: stuck.error!.reason!, message: `${stuck.name} cannot start: ${sentence(stuck.error!.message)}` };
  }
  // One crash is a restart; two in a row is a failure to name.
  const crashing = down.filter(hasFailed).find((replica) => replica.restarts > 1);
  if (crashing === undefined) return undefined;
  const reason = crashing.exit!.reason === "OOMKilled" ? "OOMKilled" : "ReplicasFailing";
  return { reason, message: `${crashing.name} failed ${crashing.restarts} times: ${sentence(crashing.exit!.message)}` };
}

/** A replica whose model can never start, if there is one of these revisions. */
function invalidReplica(input: PlanInput, revisions: readonly string[]): ObservedReplica | undefined {
  const own = input.replicas.filter((replica) => revisions.includes(replica.revision) && isDown(replica));
  return own.filter(hasFailed).find((replica) => replica.exit!.reason === "ModelInvalid");
}

function isDown({ state }: ObservedReplica): boolean {
  return state === "starting" || state === "exited";
}

function hasFailed({ exit, restarts }: ObservedReplica): boolean {
  return exit !== undefined && restarts > 0;
}

function sentence(text: string): string {
  return text.replace(/[.\s]+$/, "");
}

function limitsVerdict(model: Model, alive: readonly ObservedReplica[]): Verdict {
  const { cpu, memory } = model.spec.resources;
  if (cpu === undefined && memory === undefined)
    return { status: "True", reason: "NoneAsked", message: "The Model sets no limits." };
  const ways = [...new Set(alive.map((replica) => replica.limits).filter((text) => text !== undefined))];
  if (ways.length === 0) return { status: "Unknown", reason: "NoReplica", message: "No replica runs yet." };
  const enforced = ways.every((text) => text.startsWith("cgroup"));
  return { status: enforced ? "True" : "False", reason: enforced ? "Cgroup" : "ProcessLimits", message: `${ways.join("; ")}.` };
}

function instance(replica: ObservedReplica): ModelInstance {
  const message = replica.state === "exited" ? replica.exit?.message : replica.error?.message;
  return {
    name: replica.name,
    revision: replica.revision,
    state: replica.state === "exited" ? "failed" : replica.state,
    ...(replica.pid === undefined || replica.state === "exited" ? {} : { pid: replica.pid }),
    startedAt: new Date(replica.startedAt).toISOString(),
    restarts: replica.restarts,
    ...(message === undefined ? {} : { message }),
    ...(replica.limits === undefined ? {} : { limits: replica.limits }),
  };
}

function names(shares: readonly { revision: string }[]): string {
  return shares.map((share) => share.revision).join(" and ");
}

function condition(model: Model, type: string, verdict: Verdict, now: Instant): Condition {
  const before = model.status?.conditions?.find((other) => other.type === type);
  const lastTransitionTime = before?.status === verdict.status ? before.lastTransitionTime : new Date(now).toISOString();
  return { type, ...verdict, lastTransitionTime, observedGeneration: model.metadata.generation ?? 1 };
}
