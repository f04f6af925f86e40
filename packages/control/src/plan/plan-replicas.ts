import { backoff, type Instant } from "@slipway/base";
import type { Model, Revision } from "@slipway/spec";
import type { Action, ObservedReplica, ReplicaSpec } from "../backend.ts";
import type { PlanInput } from "./plan-input.ts";
import type { RevisionPlan } from "./plan-revisions.ts";
import type { TrafficPlan } from "./plan-traffic.ts";

/** How long a replica may finish what it accepted before it is killed, milliseconds. */
const drainGraceMs = 30_000;

/** Which replicas stay, and what to do about the others. */
export interface ReplicaPlan {
  readonly actions: readonly Action[];
  /** Replicas that are wanted or still needed, and so may be in the route. */
  readonly kept: readonly ObservedReplica[];
  readonly recheckAt: Instant | undefined;
}

/** Starts what is missing, restarts what crashed (with back-off), and stops what is not wanted once no gateway sends to it any more. */
export function planReplicas(input: PlanInput, revisions: RevisionPlan, traffic: TrafficPlan, now: Instant): ReplicaPlan {
  const actions: Action[] = [];
  let recheckAt: Instant | undefined;
  const surplus = surplusReplicas(input, traffic);
  const running = new Map(input.replicas.map((replica) => [replica.name, replica]));

  for (const [revisionName, count] of traffic.wanted) {
    const revision = revisions.all.get(revisionName);
    if (revision === undefined || input.model === undefined) continue;
    for (let ordinal = 0; ordinal < count; ordinal++) {
      const name = `${revisionName}-${ordinal}`;
      const found = running.get(name);
      if (found !== undefined && surplus.has(name)) continue;
      if (found !== undefined && found.state !== "exited") continue;
      const startAt = found?.exit === undefined ? now : found.exit.at + restartDelay(found);
      if (startAt > now) recheckAt = Math.min(recheckAt ?? startAt, startAt);
      else actions.push({ type: "start", replica: replicaSpec(input.model, revision, name) });
    }
  }
  for (const replica of surplus.values()) actions.push(...retire(input, replica));
  return { actions, kept: input.replicas.filter((replica) => !surplus.has(replica.name)), recheckAt };
}

/** Milliseconds from an exit to the next start. The first restart is at once, as a crash is most often a passing one; then 1 s, 2 s, 4 s … 60 s. */
export function restartDelay(replica: { readonly restarts: number }): number {
  return backoff(replica.restarts - 1);
}

function surplusReplicas(input: PlanInput, traffic: TrafficPlan): Map<string, ObservedReplica> {
  const owner = input.model?.metadata.uid;
  const surplus = new Map<string, ObservedReplica>();
  for (const replica of input.replicas) {
    const ordinal = Number(replica.name.slice(replica.revision.length + 1));
    const wanted = traffic.wanted.get(replica.revision) ?? 0;
    if (replica.owner !== owner || !(ordinal < wanted)) surplus.set(replica.name, replica);
  }
  // Never give up a replica that answers for one of lower ordinal that does not yet.
  for (const [revision, wanted] of traffic.wanted) {
    const own = input.replicas.filter((replica) => replica.owner === owner && replica.revision === revision);
    let missing = wanted - own.filter((replica) => !surplus.has(replica.name) && replica.state === "ready").length;
    for (const replica of own) {
      if (missing <= 0) break;
      if (surplus.has(replica.name) && replica.state === "ready") {
        surplus.delete(replica.name);
        missing--;
      }
    }
  }
  return surplus;
}

function retire(input: PlanInput, replica: ObservedReplica): Action[] {
  const namespace = input.key.namespace!;
  if (replica.state === "exited") return [{ type: "forget", namespace, name: replica.name }];
  if (replica.state === "draining" || mayReceive(input, replica)) return [];
  return [{ type: "stop", namespace, name: replica.name, graceMs: drainGraceMs }];
}

/**
 * Whether a gateway may still send to it: it is in the newest table, or that table is not yet in force everywhere. Its own state says nothing:
 * one that starts again may be in an older table under the same name and address.
 */
function mayReceive(input: PlanInput, replica: ObservedReplica): boolean {
  const { published, generation, acknowledged } = input.routing;
  const routed = published?.revisions.some((revision) => revision.replicas.some((other) => other.name === replica.name)) ?? false;
  return routed || acknowledged < generation;
}

function replicaSpec(model: Model, revision: Revision, name: string): ReplicaSpec {
  const { parameters, signature, resources, source } = revision.spec;
  return {
    name,
    namespace: model.metadata.namespace!,
    model: model.metadata.name,
    owner: model.metadata.uid!,
    revision: revision.metadata.name,
    bundle: source.bundle,
    parameters,
    ...(signature === undefined ? {} : { signature }),
    resources,
    samples: model.spec.samples,
  };
}
