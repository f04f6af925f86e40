import type { Instant } from "@slipway/base";
import type { ModelRoute } from "@slipway/protocol";
import type { ModelStatus, Revision, RevisionStatus } from "@slipway/spec";
import type { Action } from "../backend.ts";
import { drainFinalizer } from "../managers.ts";
import type { PlanInput } from "./plan-input.ts";
import { type PlannedEvent, planEvents } from "./plan-events.ts";
import { planReplicas } from "./plan-replicas.ts";
import { planRevisions } from "./plan-revisions.ts";
import { planRoute } from "./plan-route.ts";
import { planRevisionStatuses, planStatus } from "./plan-status.ts";
import { planTraffic } from "./plan-traffic.ts";

/** Everything to do about one Model now. Carrying out a plan twice does no harm. */
export interface Plan {
  /** Changes of the Model's own metadata and spec, before anything else. */
  readonly modelEdits: { readonly addFinalizer: boolean; readonly removeFinalizer: boolean; readonly clearTraffic: boolean };
  readonly createRevision: Revision | undefined;
  readonly deleteRevisions: readonly string[];
  readonly route: ModelRoute | undefined;
  readonly actions: readonly Action[];
  /** Absent for a Model that is gone. */
  readonly status: ModelStatus | undefined;
  readonly revisionStatuses: ReadonlyMap<string, RevisionStatus>;
  readonly events: readonly PlannedEvent[];
  /** When to look again although nothing changed. */
  readonly recheckAt: Instant | undefined;
}

/** Decides what to do about one Model. Pure: the same world and time give the same plan. */
export function plan(input: PlanInput, now: Instant): Plan {
  const revisions = planRevisions(input, now);
  const traffic = planTraffic(input, revisions);
  const replicas = planReplicas(input, revisions, traffic, now);
  const route = planRoute(input, traffic, replicas);
  const status = planStatus({ input, revisions, traffic, replicas }, now);
  const deleting = input.model?.metadata.deletionTimestamp !== undefined;
  const drained = input.replicas.length === 0 && input.routing.published === undefined;
  const hasFinalizer = input.model?.metadata.finalizers?.includes(drainFinalizer) ?? false;
  return {
    modelEdits: {
      addFinalizer: input.model !== undefined && !deleting && !hasFinalizer,
      removeFinalizer: deleting && hasFinalizer && drained,
      clearTraffic: revisions.clearTraffic,
    },
    createRevision: revisions.create,
    deleteRevisions: revisions.surplus,
    route,
    actions: replicas.actions,
    status,
    revisionStatuses: planRevisionStatuses(input, traffic, replicas),
    events: status === undefined ? [] : planEvents(input, status),
    recheckAt: replicas.recheckAt,
  };
}
