import { isDeepStrictEqual } from "node:util";
import type { Model, Revision } from "@slipway/spec";
import type { Action, ObservedReplica, ObservedRun } from "../backend.ts";
import type { PlanInput } from "./plan-input.ts";
import type { RevisionPlan } from "./plan-revisions.ts";
import type { TrafficPlan } from "./plan-traffic.ts";
import { rankReplicas } from "./rank-replicas.ts";

/** Which replicas stay, and what to ask of the place. */
export interface ReplicaPlan {
  readonly actions: readonly Action[];
  /** Replicas that are wanted, and so may be in the route; the others leave it. */
  readonly kept: readonly ObservedReplica[];
}

/** Asks for as many replicas of each revision as are wanted, and gives up what is not wanted once no gateway sends to it any more. */
export function planReplicas(input: PlanInput, revisions: RevisionPlan, traffic: TrafficPlan): ReplicaPlan {
  const { model } = input;
  const kept: ObservedReplica[] = [];
  const actions: Action[] = [];
  for (const [name, wanted] of traffic.wanted) {
    if (model === undefined) continue;
    const own = input.replicas.filter((replica) => replica.owner === model.metadata.uid && replica.revision === name);
    const chosen = rankReplicas(own.filter((replica) => replica.state !== "draining")).slice(0, wanted);
    kept.push(...chosen);
    const revision = revisions.all.get(name);
    if (revision !== undefined) actions.push(...run(input, traffic, { model, revision, wanted, chosen }));
  }
  for (const name of unwanted(input, traffic)) actions.push(...end(input, name));
  return { actions, kept };
}

interface Wanted {
  readonly model: Model;
  readonly revision: Revision;
  readonly wanted: number;
  /** What there is of it. */
  readonly chosen: readonly ObservedReplica[];
}

function run(input: PlanInput, traffic: TrafficPlan, { model, revision, wanted, chosen }: Wanted): Action[] {
  const name = revision.metadata.name;
  const surplus = input.replicas.filter(
    (replica) => replica.revision === name && replica.state !== "draining" && !chosen.includes(replica),
  );
  const leaving = surplus.filter((replica) => !mayReceive(input, replica));
  // A place that lowers a number picks for itself, so the number stays for as long as a gateway may send to the surplus.
  const held = surplus.filter((replica) => replica.owner === model.metadata.uid && !leaving.includes(replica)).length;
  const autoscaling = traffic.autoscaling.get(name);
  const asked = {
    replicas: wanted + held,
    generation: model.metadata.generation ?? 1,
    ...(autoscaling === undefined ? {} : { autoscaling }),
  };
  const running = chosen.filter((replica) => replica.state !== "exited").length;
  const agrees = input.runs === undefined ? running === wanted : isAsked(input.runs, name, asked, held);
  if (agrees && leaving.length === 0) return [];
  return [
    {
      type: "run",
      model,
      revision,
      replicas: asked.replicas,
      leaving: leaving.map((replica) => replica.name).sort(),
      ...(autoscaling === undefined ? {} : { autoscaling }),
    },
  ];
}

function isAsked(runs: readonly ObservedRun[], revision: string, asked: Omit<ObservedRun, "revision">, held: number): boolean {
  const found = runs.find((run) => run.revision === revision);
  // The number is lowered as soon as nobody is held, and the Model's generation is told with it, in the same write.
  const generation = held > 0 && found !== undefined && found.generation > 0 ? found.generation : asked.generation;
  // Where the place scales by itself, the number is its own.
  const replicas = asked.autoscaling === undefined ? asked.replicas : found?.replicas;
  return isDeepStrictEqual(found, { ...asked, revision, replicas, generation });
}

/** Revisions that the place has something of and that are not wanted. */
function unwanted({ replicas, runs = [] }: PlanInput, { wanted }: TrafficPlan): Set<string> {
  return new Set([...replicas, ...runs].map(({ revision }) => revision).filter((revision) => !wanted.has(revision)));
}

function end(input: PlanInput, revision: string): Action[] {
  const left = input.replicas.filter((replica) => replica.revision === revision);
  const ending = left.every((replica) => replica.state === "draining") && !input.runs?.some((run) => run.revision === revision);
  if (ending || left.some((replica) => mayReceive(input, replica))) return [];
  return [{ type: "end", namespace: input.key.namespace!, model: input.key.name, revision }];
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
