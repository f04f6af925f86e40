/** The kinds Slipway knows. */
export type Kind = "Model" | "Revision" | "Namespace" | "Secret" | "Event";

/** Names one object of a kind. `namespace` is absent only for cluster-scoped kinds (Namespace). */
export interface Key {
  namespace?: string;
  name: string;
}

/** `apiVersion` of Slipway's own kinds. */
export const slipwayApiVersion = "slipway.dev/v1alpha1";

/** `apiVersion` of the kinds taken from Kubernetes' core group. */
export const coreApiVersion = "v1";
