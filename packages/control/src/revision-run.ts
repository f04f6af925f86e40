import type { Model, Revision, Signature } from "@slipway/spec";

/** Everything a replica needs to serve one revision; all of it belongs to the revision, but for the samples policy. */
export interface RevisionRun {
  readonly namespace: string;
  readonly model: string;
  /** uid of the Model: a replica never serves another object of the same name. */
  readonly owner: string;
  readonly revision: string;
  /** `sha256:…` of the bundle. */
  readonly bundle: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly signature?: Signature;
  /** Kubernetes quantities. */
  readonly resources: { readonly cpu?: string; readonly memory?: string };
  readonly samples: { readonly verify: boolean; readonly tolerance: { readonly absolute: number; readonly relative: number } };
}

/** What replicas of a revision of this Model are started with, in both places. */
export function revisionRun(model: Model, revision: Revision): RevisionRun {
  const { parameters, signature, resources, source } = revision.spec;
  return {
    namespace: model.metadata.namespace!,
    model: model.metadata.name,
    owner: model.metadata.uid!,
    revision: revision.metadata.name,
    bundle: source.bundle,
    parameters,
    ...(signature === undefined ? {} : { signature }),
    resources,
    samples: model.spec.samples,
  };
}
