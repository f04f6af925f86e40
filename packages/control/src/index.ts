export type {
  Action,
  Autoscaling,
  Backend,
  Observed,
  ObservedReplica,
  ObservedRun,
  PlaceProblem,
  ReplicaError,
  ReplicaExit,
} from "./backend.ts";
export { controlManager, drainFinalizer, rollbackManager, signaturesAnnotation } from "./managers.ts";
export type { Place } from "./place.ts";
export { type Plan, plan } from "./plan/plan.ts";
export type { PlannedEvent } from "./plan/plan-events.ts";
export type { PlanInput, Share } from "./plan/plan-input.ts";
export { modelUrl } from "./plan/plan-status.ts";
export { placeAutoscaling, wantedReplicas } from "./plan/wanted-replicas.ts";
export { type Outcome, WorkQueue } from "./queue/work-queue.ts";
export { Controller, type ControllerParts } from "./reconcile/controller.ts";
export { EventRecorder } from "./reconcile/event-recorder.ts";
export { PublishedRoutes } from "./reconcile/published-routes.ts";
export { type ReconcileParts, reconcile } from "./reconcile/reconcile.ts";
export { type RevisionRun, revisionRun } from "./revision-run.ts";
export type { Routes } from "./routes.ts";
