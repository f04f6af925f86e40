import type { Place } from "@slipway/control";

/** What a cluster is like as a place for replicas. */
export const thisCluster: Place = {
  autoscales: true,
  conditions: () => [
    {
      type: "NetworkPolicyEnforced",
      status: "Unknown",
      reason: "PoliciesApplied",
      message: "Network policies are written; whether they are enforced is the matter of the cluster's network plug-in.",
    },
    {
      type: "Sandboxed",
      status: "False",
      reason: "NotAvailable",
      message:
        "Replicas run in restricted pods, without root, rights or a writable root file system, but without a sandbox of their own.",
    },
  ],
};
