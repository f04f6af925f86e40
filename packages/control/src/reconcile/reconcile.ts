import { type Clock, type Log, SlipwayError } from "@slipway/base";
import type { Key, Model, Revision } from "@slipway/spec";
import type { Store } from "@slipway/store";
import { isDeepStrictEqual } from "node:util";
import type { Backend } from "../backend.ts";
import { controlManager, drainFinalizer } from "../managers.ts";
import { type Plan, plan } from "../plan/plan.ts";
import type { Outcome } from "../queue/work-queue.ts";
import type { EventRecorder } from "./event-recorder.ts";
import type { PublishedRoutes } from "./published-routes.ts";

/** What a reconcile needs of the world. */
export interface ReconcileParts {
  readonly store: Store;
  readonly backend: Backend;
  readonly routes: PublishedRoutes;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  /** Base address of inference. */
  readonly gateway: string;
}

interface World {
  readonly key: Key;
  readonly model: Model | undefined;
  readonly revisions: readonly Revision[];
  readonly plan: Plan;
}

type Phase = (parts: ReconcileParts, world: World, signal: AbortSignal) => Promise<void>;

/**
 * Order matters: a revision exists before replicas of it start, the route is published before a replica is told to stop,
 * and the status, which remembers the latest revision, is written after a rollback's hold on the traffic was cleared.
 */
const phases: readonly Phase[] = [
  editModel,
  createRevision,
  publishRoute,
  performActions,
  writeStatus,
  writeRevisionStatuses,
  deleteRevisions,
];

/** Brings one Model a step closer to what its spec says. Level-based: it looks at the world, never at what changed. */
export async function reconcile(parts: ReconcileParts, key: Key, signal: AbortSignal): Promise<Outcome> {
  try {
    const world = await observe(parts, key, signal);
    for (const phase of phases) await phase(parts, world, signal);
    const { recheckAt } = world.plan;
    return recheckAt === undefined ? { type: "done" } : { type: "after", ms: Math.max(0, recheckAt - parts.clock.now()) };
  } catch (caught) {
    if (signal.aborted) return { type: "done" };
    const error = SlipwayError.from(caught);
    // A conflict means that somebody wrote meanwhile: look again, nothing is wrong.
    if (error.code !== "conflict") parts.log.warn("reconcile failed; it is tried again", { model: key, error: caught });
    return { type: "retry" };
  }
}

async function observe(parts: ReconcileParts, key: Key, signal: AbortSignal): Promise<World> {
  const model = await parts.store.get("Model", key);
  const uid = model?.metadata.uid;
  const all = await parts.store.list("Revision", { namespace: key.namespace! });
  const revisions = all.items.filter(
    (revision) => revision.metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false,
  );
  const replicas = await parts.backend.observe(key, signal);
  const input = { key, model, revisions, replicas, routing: parts.routes.routing(key), gateway: parts.gateway };
  return { key, model, revisions, plan: plan(input, parts.clock.now()) };
}

async function editModel({ store }: ReconcileParts, { key, model, plan: { modelEdits } }: World): Promise<void> {
  if (model === undefined || !Object.values(modelEdits).includes(true)) return;
  const finalizers = (model.metadata.finalizers ?? []).filter((name) => name !== drainFinalizer);
  if (!modelEdits.removeFinalizer) finalizers.push(drainFinalizer);
  const { traffic, ...spec } = model.spec;
  const next: Model = {
    ...model,
    metadata: { ...model.metadata, finalizers },
    spec: modelEdits.clearTraffic || traffic === undefined ? spec : { ...spec, traffic },
  };
  await store.write(next, { expect: model.metadata.resourceVersion!, manager: controlManager });
  // The rest of this plan stands on the version before the edit; the watch brings the key back with the new one.
  if (!modelEdits.removeFinalizer) throw new SlipwayError("conflict", `Model ${key.name} was edited by control itself.`);
}

async function createRevision({ store }: ReconcileParts, { plan: { createRevision: revision } }: World): Promise<void> {
  if (revision !== undefined) await store.write(revision, { expect: "absent", manager: controlManager });
}

async function publishRoute({ routes }: ReconcileParts, { key, plan: { route } }: World): Promise<void> {
  routes.publish(key, route);
}

async function performActions({ backend }: ReconcileParts, { plan: { actions } }: World, signal: AbortSignal): Promise<void> {
  await Promise.all(actions.map((action) => backend.perform(action, signal)));
}

async function writeStatus({ store, events }: ReconcileParts, { model, plan: planned }: World): Promise<void> {
  if (model === undefined || planned.status === undefined || planned.modelEdits.removeFinalizer) return;
  if (isDeepStrictEqual(model.status, planned.status)) return;
  await store.write(
    { ...model, status: planned.status },
    { expect: model.metadata.resourceVersion!, manager: controlManager, subresource: "status" },
  );
  await events.record(model, planned.events);
}

async function writeRevisionStatuses({ store }: ReconcileParts, { revisions, plan: { revisionStatuses } }: World): Promise<void> {
  for (const revision of revisions) {
    const status = revisionStatuses.get(revision.metadata.name);
    if (status === undefined || isDeepStrictEqual(revision.status, status)) continue;
    await store.write(
      { ...revision, status },
      { expect: revision.metadata.resourceVersion!, manager: controlManager, subresource: "status" },
    );
  }
}

async function deleteRevisions({ store }: ReconcileParts, { key, plan: { deleteRevisions: names } }: World): Promise<void> {
  for (const name of names) await store.remove("Revision", { namespace: key.namespace!, name }, {});
}
