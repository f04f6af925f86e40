import type { Condition, Model } from "@slipway/spec";

/** What is true of the place where replicas run and of no other; the composition root says so. */
export interface Place {
  /** Conditions that the place decides, such as `NetworkPolicyEnforced`: what is kept here and what is not. Same Model, same conditions. */
  conditions(model: Model): readonly Pick<Condition, "type" | "status" | "reason" | "message">[];
  /** Why no revision may be made of this Model here, as whole sentences; undefined when one may. Without it, every one may. */
  refuses?(model: Model): { readonly reason: string; readonly message: string } | undefined;
  /** Whether the place itself follows targets of CPU and memory. */
  readonly autoscales: boolean;
}
