import type { Autoscaling } from "@slipway/control";
import type { Model, Revision } from "@slipway/spec";

/** What the platform decides about a revision's objects, beside what its Model says. */
export interface RevisionSettings {
  /** Replicas wanted now; with `autoscaling` what to begin with. */
  readonly replicas: number;
  /** Where gateways run. */
  readonly systemNamespace: string;
  /** Absent: the number of replicas is Slipway's to set, and there is no HorizontalPodAutoscaler. */
  readonly autoscaling?: Autoscaling;
  /** The image to run, by digest, in place of the revision's own. */
  readonly image?: string;
}

/** What each builder of a revision's objects is given. */
export interface RevisionParts {
  readonly model: Model;
  readonly revision: Revision;
  readonly settings: RevisionSettings;
}
