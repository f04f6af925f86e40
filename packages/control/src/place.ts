import type { Condition, Model } from "@slipway/spec";

/** What is true of the place where replicas run and of no other; the composition root says so. */
export interface Place {
  /** Conditions that the place decides, such as `NetworkPolicyEnforced`: what is kept here and what is not. Same Model, same conditions. */
  conditions(model: Model): readonly Pick<Condition, "type" | "status" | "reason" | "message">[];
  /** Whether the place itself follows targets of CPU and memory. */
  readonly autoscales: boolean;
}
