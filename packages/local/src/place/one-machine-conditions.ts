import type { Condition, Model } from "@slipway/spec";

/** What a place says of a Model, whatever its replicas do. */
type PlaceCondition = Pick<Condition, "type" | "status" | "reason" | "message">;

/** What of a Model has no effect on one machine, as conditions: always network policy and sandbox, the others where its spec asks for them. */
export function oneMachineConditions({ spec }: Model): readonly PlaceCondition[] {
  const asked: readonly [asked: boolean, type: string, reason: string, message: string][] = [
    [
      (spec.scaling.metrics ?? []).length > 0,
      "Autoscaling",
      "OneMachine",
      "spec.scaling.metrics has no effect on one machine: there are spec.scaling.minReplicas replicas, or spec.replicas.",
    ],
    [
      Object.keys(spec.placement ?? {}).length > 0,
      "PlacementHonoured",
      "OneMachine",
      "spec.placement has no effect on one machine: every replica runs here.",
    ],
    [
      true,
      "NetworkPolicyEnforced",
      "OneMachine",
      "Network policy is enforced on Kubernetes only; here replicas listen on Unix sockets and no port.",
    ],
    [true, "Sandboxed", "NotAvailable", "Replicas run as processes of the platform's user, without a sandbox."],
  ];
  return asked.flatMap(([is, type, reason, message]) => (is ? [{ type, status: "False", reason, message }] : []));
}
