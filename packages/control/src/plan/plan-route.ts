import { isDeepStrictEqual } from "node:util";
import type { ModelRoute, RevisionRoute } from "@slipway/protocol";
import type { PlanInput } from "./plan-input.ts";
import type { ReplicaPlan } from "./plan-replicas.ts";
import type { TrafficPlan } from "./plan-traffic.ts";

/** The route of one Model: shares for the revisions in force, and any other revision that answers, reachable by its pinned path only. */
export function planRoute(input: PlanInput, traffic: TrafficPlan, replicas: ReplicaPlan): ModelRoute | undefined {
  const { model, key } = input;
  if (model === undefined || model.metadata.deletionTimestamp !== undefined) return undefined;
  const names = new Set([...traffic.inForce.map((share) => share.revision), ...replicas.kept.map((replica) => replica.revision)]);
  const revisions: RevisionRoute[] = [...names].sort().map((name) => ({
    name,
    percent: traffic.inForce.find((share) => share.revision === name)?.percent ?? 0,
    replicas: replicas.kept
      .filter((replica) => replica.revision === name && replica.state === "ready" && replica.address !== undefined)
      .map((replica) => ({ name: replica.name, address: replica.address! }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }));
  const route = { namespace: key.namespace!, name: key.name, revisions };
  return isDeepStrictEqual(route, input.routing.published) ? input.routing.published : route;
}
