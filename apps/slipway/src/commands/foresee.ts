import type { Instant } from "@slipway/base";
import { type Action, type ObservedReplica, type Place, type PlanInput, plan } from "@slipway/control";
import type { Model, Revision } from "@slipway/spec";

/** What control will have done once it is finished with a Model, if nothing fails. */
export interface Foresight {
  /** The revision the spec describes, and whether it has to be made. */
  readonly revision: { readonly from: string | undefined; readonly to: string; readonly isNew: boolean };
  /** Replicas by revision. */
  readonly start: Readonly<Record<string, number>>;
  readonly stop: Readonly<Record<string, number>>;
  readonly traffic: { readonly from: readonly Share[]; readonly to: readonly Share[] };
  /** Whether a rollback's pin ends. */
  readonly clearsPin: boolean;
}

interface Share {
  readonly revision: string;
  readonly percent: number;
}

/** Control reaches rest in a handful of steps; more would mean that it turns in circles. */
const mostSteps = 50;

/**
 * Plays control's own plan forward, on paper, until it has nothing left to do: every start succeeds, every stop ends, gateways
 * acknowledge at once, no load changes a number. So `slipway plan` cannot disagree with what control then does.
 */
export function foresee(
  model: Model,
  revisions: readonly Revision[],
  live: Model | undefined,
  now: Instant,
  place: Place,
): Foresight {
  const uid = live?.metadata.uid ?? model.metadata.uid ?? "not-yet-created";
  const world: World = {
    model: { ...model, metadata: { ...model.metadata, uid }, ...(live?.status === undefined ? {} : { status: live.status }) },
    revisions: [...revisions],
    replicas: (live?.status?.instances ?? []).map((instance) => ({
      name: instance.name,
      owner: uid,
      revision: instance.revision,
      state: instance.state === "failed" ? ("exited" as const) : instance.state,
      startedAt: 0,
      restarts: 0,
      ...(instance.state === "ready" ? { address: "known" } : {}),
    })),
    published: undefined,
    generation: 0,
    started: 0,
  };
  const before = new Set(world.replicas.filter((replica) => replica.state !== "exited").map((replica) => replica.name));
  const known = new Set(revisions.map((revision) => revision.metadata.name));
  let clearsPin = false;
  for (let step = 0; step < mostSteps; step++) {
    const next = plan(inputOf(world, place), now);
    clearsPin ||= next.modelEdits.clearTraffic;
    if (next.createRevision !== undefined) world.revisions.push(next.createRevision);
    if (next.modelEdits.clearTraffic) {
      const { traffic: _, ...spec } = world.model.spec;
      world.model = { ...world.model, spec };
    }
    if (next.status !== undefined) world.model = { ...world.model, status: next.status };
    world.published = next.route;
    world.generation += 1;
    world.replicas = world.replicas.filter((replica) => replica.state !== "draining");
    for (const action of next.actions) carryOut(world, action, uid);
    if (next.actions.length === 0 && step > 2) break;
  }
  const after = world.replicas.map((replica) => replica.name);
  const names = new Map(
    [...(live?.status?.instances ?? []), ...world.replicas].map((replica) => [replica.name, replica.revision]),
  );
  const to = world.model.status?.latestRevision ?? "";
  return {
    revision: { from: live?.status?.latestRevision, to, isNew: !known.has(to) },
    start: count(after.filter((name) => !before.has(name)).map((name) => names.get(name) ?? "")),
    stop: count([...before].filter((name) => !after.includes(name)).map((name) => names.get(name) ?? "")),
    traffic: { from: live?.status?.traffic ?? [], to: world.model.status?.traffic ?? [] },
    clearsPin,
  };
}

interface World {
  model: Model;
  revisions: Revision[];
  replicas: ObservedReplica[];
  published: PlanInput["routing"]["published"];
  generation: number;
  /** How many were started, for their names. */
  started: number;
}

function inputOf(world: World, place: Place): PlanInput {
  const { name, namespace } = world.model.metadata;
  return {
    key: { name, namespace: namespace ?? "default" },
    model: world.model,
    revisions: world.revisions,
    replicas: world.replicas,
    problems: [],
    routing: { published: world.published, generation: world.generation, acknowledged: world.generation },
    gateway: "",
    place,
  };
}

/** As a place does it: what leaves is gone, what is missing or failed answers, under names of no meaning. */
function carryOut(world: World, action: Action, owner: string): void {
  if (action.type === "end") {
    world.replicas = world.replicas.filter((replica) => replica.revision !== action.revision);
    return;
  }
  const revision = action.revision.metadata.name;
  world.replicas = world.replicas
    .filter((replica) => !action.leaving.includes(replica.name))
    .map((replica) => (replica.revision === revision ? { ...replica, state: "ready", address: "known" } : replica));
  const there = world.replicas.filter((replica) => replica.revision === revision).length;
  for (let missing = action.replicas - there; missing > 0; missing--) {
    const name = `${revision}+${world.started++}`;
    world.replicas.push({ name, owner, revision, state: "ready", startedAt: 0, restarts: 0, address: "known" });
  }
}

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
