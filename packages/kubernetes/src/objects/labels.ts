/** Labels by which Slipway's objects are found. */
export const labels = {
  model: "slipway.dev/model",
  revision: "slipway.dev/revision",
  /** uid of the Model, on pods: a replica never serves another Model of the same name. */
  owner: "slipway.dev/model-uid",
  /** Namespace of the platform, on everything that an installation applies: by it an upgrade and an uninstall find what is theirs. */
  installation: "slipway.dev/installation",
  component: "app.kubernetes.io/component",
  partOf: "app.kubernetes.io/part-of",
  managedBy: "app.kubernetes.io/managed-by",
  name: "app.kubernetes.io/name",
  version: "app.kubernetes.io/version",
} as const;

/** Of every object Slipway writes, https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/. */
export const ownLabels: Readonly<Record<string, string>> = { [labels.partOf]: "slipway", [labels.managedBy]: "slipway" };
