import { isDeepStrictEqual } from "node:util";
import { type Clock, type ErrorCode, type Log, SlipwayError } from "@slipway/base";
import type { Key, Model, Revision } from "@slipway/spec";
import type { Store } from "@slipway/store";
import type { Action, Backend } from "../backend.ts";
import { controlManager, drainFinalizer } from "../managers.ts";
import type { Place } from "../place.ts";
import { type Plan, plan } from "../plan/plan.ts";
import type { PlannedEvent } from "../plan/plan-events.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import type { Outcome } from "../queue/work-queue.ts";
import type { EventRecorder } from "./event-recorder.ts";
import type { PublishedRoutes } from "./published-routes.ts";
import type { RevisionIndex } from "./revision-index.ts";
import type { SettledWorlds } from "./settled-worlds.ts";

/** What a reconcile needs of the world. */
export interface ReconcileParts {
  readonly store: Store;
  readonly revisions: RevisionIndex;
  readonly settled: SettledWorlds;
  readonly backend: Backend;
  readonly routes: PublishedRoutes;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  /** Base address of inference. */
  readonly gateway: string;
  readonly place: Place;
}

interface World {
  readonly key: Key;
  readonly model: Model | undefined;
  readonly revisions: readonly Revision[];
  readonly plan: Plan;
}

/** Somebody wrote meanwhile, or garbage of an object of the same name is still to be collected: look again, nothing is wrong. */
const passing: readonly ErrorCode[] = ["conflict", "notFound", "alreadyExists"];

/**
 * Brings one Model a step closer to what its spec says. Level-based: it looks at the world, never at what changed, and may be cut off anywhere.
 * The order matters. A revision exists before replicas of it start. The route is published before a replica is told to stop, and before that
 * the status remembers who answers instead. A backend that fails to start something does not keep the status from being written.
 */
export async function reconcile(parts: ReconcileParts, key: Key, signal: AbortSignal): Promise<Outcome> {
  try {
    const input = await observe(parts, key, signal);
    if (input.model === undefined && input.replicas.length + (input.runs ?? []).length === 0) {
      parts.routes.forget(key);
      parts.settled.forget(key);
      return { type: "done" };
    }
    if (parts.settled.has(input)) return { type: "done" };
    const world = { ...input, plan: plan(input, parts.clock.now()) };
    if (await editModel(parts, world)) return { type: "after", ms: 0 };
    const changed = await carryOut(parts, world, signal);
    if (!changed) parts.settled.remember({ ...input, routing: parts.routes.routing(key) });
    return { type: "done" };
  } catch (caught) {
    if (signal.aborted) return { type: "done" };
    const level = passing.includes(SlipwayError.from(caught).code) ? "debug" : "warn";
    parts.log[level]("reconcile failed; it is tried again", { model: key, error: caught });
    return { type: "retry" };
  }
}

async function observe(parts: ReconcileParts, key: Key, signal: AbortSignal): Promise<PlanInput> {
  const model = await parts.store.get("Model", key);
  const observed = await parts.backend.observe(key, signal);
  const revisions = model === undefined ? [] : parts.revisions.of(key).filter((revision) => belongs(revision, model));
  const { gateway, place } = parts;
  return { key, model, revisions, ...observed, routing: parts.routes.routing(key), gateway, place };
}

/** Returns whether there was anything to do. Throws the first action that failed, once all else is done. */
async function carryOut(parts: ReconcileParts, world: World, signal: AbortSignal): Promise<boolean> {
  const { route, createRevision, adoptRevisions, deleteRevisions: surplus } = world.plan;
  const before = parts.routes.routing(world.key);
  parts.routes.publish(world.key, route);
  const written = await writeRevisions(parts, world);
  const actions = world.plan.actions.map((action) => asStored(action, written));
  const stops = actions.filter(endsReplicas);
  const others = actions.filter((action) => !endsReplicas(action));
  const failures = await perform(parts, others, signal);
  const statusWritten = await writeStatus(parts, world, failures);
  failures.push(...(await perform(parts, stops, signal)));
  const revisionsWritten = await writeRevisionStatuses(parts, world);
  await deleteRevisions(parts, world);
  if (failures.length > 0) throw failures[0]!.error;
  const asked = actions.length + adoptRevisions.length + surplus.length > 0 || createRevision !== undefined;
  return asked || statusWritten || revisionsWritten || before.published !== route;
}

function endsReplicas(action: Action): boolean {
  return action.type === "end" || action.leaving.length > 0;
}

/** What a place makes for a revision belongs to it by the uid, which a revision has only once it is stored. */
function asStored(action: Action, written: readonly Revision[]): Action {
  if (action.type !== "run") return action;
  const { name } = action.revision.metadata;
  return { ...action, revision: written.find(({ metadata }) => metadata.name === name) ?? action.revision };
}

/** Its own revisions, and those nobody owns; never those of an object that had the same name. */
function belongs(revision: Revision, model: Model): boolean {
  const owners = revision.metadata.ownerReferences ?? [];
  return owners.length === 0 || owners.some((owner) => owner.uid === model.metadata.uid);
}

/** Returns whether the Model was changed: then the rest of the plan stands on a version that is no more. */
async function editModel(parts: ReconcileParts, { model, plan: { modelEdits } }: World): Promise<boolean> {
  const { addFinalizer, removeFinalizer, clearTraffic } = modelEdits;
  if (model === undefined || !(addFinalizer || removeFinalizer || clearTraffic)) return false;
  const finalizers = (model.metadata.finalizers ?? []).filter((name) => name !== drainFinalizer);
  if (!removeFinalizer) finalizers.push(drainFinalizer);
  const { traffic, ...spec } = model.spec;
  const next: Model = {
    ...model,
    metadata: { ...model.metadata, finalizers },
    spec: clearTraffic || traffic === undefined ? spec : { ...spec, traffic },
  };
  await parts.store.write(next, { expect: model.metadata.resourceVersion!, manager: controlManager });
  await tell(parts, model, modelEdits.events);
  return true;
}

/** Gives what was written, as it is stored. */
async function writeRevisions(
  parts: ReconcileParts,
  { plan: { createRevision, adoptRevisions } }: World,
): Promise<readonly Revision[]> {
  const written: Revision[] = [];
  const keep = (revision: Revision) => {
    parts.revisions.put(revision);
    written.push(revision);
  };
  if (createRevision !== undefined) keep(await parts.store.write(createRevision, { expect: "absent", manager: controlManager }));
  for (const revision of adoptRevisions) {
    const options = { expect: revision.metadata.resourceVersion!, manager: controlManager };
    keep(await parts.store.write(revision, options));
  }
  return written;
}

interface Failure {
  readonly action: Action;
  readonly error: unknown;
}

/** Carries out all actions, whether or not some fail; returns those that did. */
async function perform({ backend }: ReconcileParts, actions: readonly Action[], signal: AbortSignal): Promise<Failure[]> {
  const attempts = actions.map(async (action): Promise<Failure[]> => {
    try {
      await backend.perform(action, signal);
      return [];
    } catch (error) {
      return [{ action, error }];
    }
  });
  return (await Promise.all(attempts)).flat();
}

/** Returns whether the status was written. */
async function writeStatus(
  parts: ReconcileParts,
  { model, plan: planned }: World,
  failures: readonly Failure[],
): Promise<boolean> {
  if (model === undefined || planned.status === undefined) return false;
  const changed = !isDeepStrictEqual(model.status, planned.status);
  if (changed) {
    await parts.store.write(
      { ...model, status: planned.status },
      { expect: model.metadata.resourceVersion!, manager: controlManager, subresource: "status" },
    );
    await tell(parts, model, planned.events);
  }
  await tell(parts, model, failures.flatMap(startFailed));
  return changed;
}

function startFailed({ action, error }: Failure): PlannedEvent[] {
  if (action.type !== "run") return [];
  const message = `Replicas of ${action.revision.metadata.name} could not be started: ${SlipwayError.from(error).message}`;
  return [{ type: "Warning", reason: "ReplicaNotStarted", message }];
}

/** Returns whether any was written. */
async function writeRevisionStatuses(parts: ReconcileParts, { revisions, plan: { revisionStatuses } }: World): Promise<boolean> {
  let changed = false;
  for (const revision of revisions) {
    const status = revisionStatuses.get(revision.metadata.name);
    if (status === undefined || isDeepStrictEqual(revision.status, status)) continue;
    const options = { expect: revision.metadata.resourceVersion!, manager: controlManager, subresource: "status" } as const;
    parts.revisions.put(await parts.store.write({ ...revision, status }, options));
    changed = true;
  }
  return changed;
}

async function deleteRevisions(parts: ReconcileParts, world: World): Promise<void> {
  const { key, revisions, model } = world;
  if (world.plan.deleteRevisions.length === 0) return;
  // Somebody may have pinned one of them since; whoever wrote the Model brings the key back.
  if ((await parts.store.get("Model", key))?.metadata.resourceVersion !== model?.metadata.resourceVersion) return;
  for (const revision of revisions) {
    const { namespace, name, uid } = revision.metadata;
    if (!world.plan.deleteRevisions.includes(name)) continue;
    await parts.store.remove("Revision", { namespace: namespace!, name }, { uid: uid! });
    parts.revisions.drop(revision);
  }
}

/** Events are for people: that one cannot be written, e.g. in a namespace on its way out, holds nothing up. */
async function tell(parts: ReconcileParts, model: Model, events: readonly PlannedEvent[]): Promise<void> {
  try {
    await parts.events.record(model, events);
  } catch (error) {
    parts.log.debug("events could not be recorded", { model: model.metadata.name, error });
  }
}
