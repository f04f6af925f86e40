import type { Model, Revision } from "@slipway/spec";

/** What the platform decides about a revision's objects, beside what its Model says. */
export interface RevisionSettings {
  /** The runtime's layers and the bundle's in one image, by digest: `registry.example/digits@sha256:…`. */
  readonly image: string;
  /** Replicas wanted now. */
  readonly replicas: number;
  /** Where gateways run. */
  readonly systemNamespace: string;
}

/** What each builder of a revision's objects is given. */
export interface RevisionParts {
  readonly model: Model;
  readonly revision: Revision;
  readonly settings: RevisionSettings;
}
