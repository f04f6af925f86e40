import { bundleDigest, type Model, type Revision, type Signature } from "@slipway/spec";
import { contractAnnotation, signaturesAnnotation } from "./managers.ts";

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
  /** Signatures of the bundle, Sigstore bundles as JSON: those of the Model, and those it had when the revision was made. */
  readonly signatures?: readonly string[];
  /** What the bundle needs of where it runs, as JSON. */
  readonly contract?: string;
  readonly samples: { readonly verify: boolean; readonly tolerance: { readonly absolute: number; readonly relative: number } };
}

/** What replicas of a revision of this Model are started with, in both places. */
export function revisionRun(model: Model, revision: Revision): RevisionRun {
  const { parameters, signature, resources, source } = revision.spec;
  const signatures = signaturesOf(model, revision);
  const contract = contractOf(model, revision);
  return {
    namespace: model.metadata.namespace!,
    model: model.metadata.name,
    owner: model.metadata.uid!,
    revision: revision.metadata.name,
    bundle: source.bundle,
    parameters,
    ...(signature === undefined ? {} : { signature }),
    resources,
    ...(signatures.length === 0 ? {} : { signatures }),
    ...(contract === undefined ? {} : { contract }),
    samples: model.spec.samples,
  };
}

/** A signature made later counts for revisions of that bundle, too; what is no list of texts counts as none. */
function signaturesOf({ spec }: Model, revision: Revision): string[] {
  const now = isOf(spec, revision) ? (spec.source.signatures ?? []) : [];
  const then = texts(revision.metadata.annotations?.[signaturesAnnotation]);
  return [...new Set([...now, ...then])];
}

function contractOf({ spec }: Model, revision: Revision): string | undefined {
  const now = isOf(spec, revision) ? spec.source.contract : undefined;
  return now ?? revision.metadata.annotations?.[contractAnnotation];
}

function isOf({ source }: Model["spec"], revision: Revision): boolean {
  return bundleDigest(source.bundle) === revision.spec.source.bundle;
}

function texts(json: string | undefined): string[] {
  try {
    const list: unknown = JSON.parse(json ?? "[]");
    return Array.isArray(list) ? list.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}
