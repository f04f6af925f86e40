import type { Model, Revision } from "@slipway/spec";

/** How a cluster scales a revision by itself. */
export interface RevisionAutoscaling {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Percent of what a replica requests. */
  readonly metrics: readonly { readonly type: "cpu" | "memory"; readonly target: number }[];
}

/** What the platform decides about a revision's objects, beside what its Model says. */
export interface RevisionSettings {
  /** Replicas wanted now; with `autoscaling` what to begin with. */
  readonly replicas: number;
  /** Where gateways run. */
  readonly systemNamespace: string;
  /** Absent: the number of replicas is Slipway's to set, and there is no HorizontalPodAutoscaler. */
  readonly autoscaling?: RevisionAutoscaling;
  /**
   * Whether the Deployment runs already. With `autoscaling` its number of replicas is then left out: somebody else writes it. Of a Deployment
   * of which `slipway` still owns that field, an apply without it would make it 1, Kubernetes' default.
   */
  readonly exists?: boolean;
  /** The image to run, by digest, in place of the revision's own. */
  readonly image?: string;
}

/** What each builder of a revision's objects is given. */
export interface RevisionParts {
  readonly model: Model;
  readonly revision: Revision;
  readonly settings: RevisionSettings;
}
