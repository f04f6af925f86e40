import type { Instant } from "@slipway/base";
import type { ModelRoute } from "@slipway/protocol";
import type { ModelStatus, Revision, RevisionStatus } from "@slipway/spec";
import type { Action } from "../backend.ts";
import { drainFinalizer } from "../managers.ts";
import { type PlannedEvent, planEvents, rollbackEnded } from "./plan-events.ts";
import type { PlanInput } from "./plan-input.ts";
import { planReplicas } from "./plan-replicas.ts";
import { planRevisions } from "./plan-revisions.ts";
import { planRoute } from "./plan-route.ts";
import { planRevisionStatuses, planStatus } from "./plan-status.ts";
import { planTraffic } from "./plan-traffic.ts";

/** Changes of the Model's own metadata and spec. A plan that has any is made anew once they are written. */
export interface ModelEdits {
  readonly addFinalizer: boolean;
  readonly removeFinalizer: boolean;
  readonly clearTraffic: boolean;
  /** What to tell about them. */
  readonly events: readonly PlannedEvent[];
}

/** Everything to do about one Model now. Carrying out a plan twice does no harm. */
export interface Plan {
  readonly modelEdits: ModelEdits;
  readonly createRevision: Revision | undefined;
  /** Revisions to be written with this Model as their owner. */
  readonly adoptRevisions: readonly Revision[];
  readonly deleteRevisions: readonly string[];
  readonly route: ModelRoute | undefined;
  readonly actions: readonly Action[];
  /** Absent for a Model that is gone. */
  readonly status: ModelStatus | undefined;
  readonly revisionStatuses: ReadonlyMap<string, RevisionStatus>;
  /** What to tell once the status is written. */
  readonly events: readonly PlannedEvent[];
}

/** Decides what to do about one Model. Pure: the same world and time give the same plan. */
export function plan(input: PlanInput, now: Instant): Plan {
  const revisions = planRevisions(input, now);
  const traffic = planTraffic(input, revisions);
  const replicas = planReplicas(input, revisions, traffic);
  const route = planRoute(input, traffic, replicas);
  const status = planStatus({ input, revisions, traffic, replicas }, now);
  const { model } = input;
  const deleting = model?.metadata.deletionTimestamp !== undefined;
  const hasFinalizer = model?.metadata.finalizers?.includes(drainFinalizer) ?? false;
  return {
    modelEdits: {
      addFinalizer: model !== undefined && !deleting && !hasFinalizer,
      removeFinalizer: deleting && hasFinalizer && isDrained(input),
      clearTraffic: revisions.clearTraffic,
      events: revisions.clearTraffic ? [rollbackEnded(model!, revisions.latest!)] : [],
    },
    createRevision: revisions.create,
    adoptRevisions: revisions.adopt,
    deleteRevisions: revisions.surplus,
    route,
    actions: replicas.actions,
    status,
    revisionStatuses: planRevisionStatuses(input, traffic, replicas),
    events: status === undefined ? [] : planEvents({ input, revisions, traffic, after: status }),
  };
}

/** Nothing of it runs, and every gateway knows that it is gone. */
function isDrained({ replicas, runs = [], routing }: PlanInput): boolean {
  return replicas.length + runs.length === 0 && routing.published === undefined && routing.acknowledged >= routing.generation;
}
