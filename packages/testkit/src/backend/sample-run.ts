import type { Model, Revision } from "@slipway/spec";

/** A Model as it is stored, and its one revision: what the action `run` is about. */
export interface SampleRun {
  readonly model: Model;
  readonly revision: Revision;
}

/** What can be chosen of a {@link SampleRun}. */
export interface SampleRunOptions {
  readonly model?: string;
  readonly namespace?: string;
  /** uid of the Model. */
  readonly owner?: string;
  readonly bundle?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly resources?: Revision["spec"]["resources"];
}

/** A Model and its revision for tests of backends. */
export function sampleRun(options: SampleRunOptions = {}): SampleRun {
  const { model: name = "digits", namespace = "default", owner = "0b7d6c1e-2f57-4b0a-9c55-3b1f1a2d4e5f" } = options;
  const { bundle = `sha256:${"0".repeat(64)}`, parameters = {}, resources = {} } = options;
  const apiVersion = "slipway.dev/v1alpha1";
  const spec = { source: { bundle }, parameters, resources };
  const ownerReference = { apiVersion, kind: "Model", name, uid: owner, controller: true, blockOwnerDeletion: true };
  return {
    model: {
      apiVersion,
      kind: "Model",
      metadata: { name, namespace, uid: owner, generation: 1 },
      spec: {
        ...spec,
        scaling: { minReplicas: 1 },
        samples: { verify: false, tolerance: { absolute: 1e-5, relative: 1e-5 } },
      },
    } as Model,
    revision: {
      apiVersion,
      kind: "Revision",
      metadata: {
        name: `${name}-1a2b3c4d5e`,
        namespace,
        labels: { "slipway.dev/model": name },
        ownerReferences: [ownerReference],
      },
      spec: { model: name, number: 1, ...spec },
    } as Revision,
  };
}
