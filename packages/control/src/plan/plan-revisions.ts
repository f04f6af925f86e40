import type { Instant } from "@slipway/base";
import { type Model, type Revision, revisionName, revisionTemplate } from "@slipway/spec";
import { contractAnnotation, signaturesAnnotation } from "../managers.ts";
import { holdsTraffic } from "./holds-traffic.ts";
import type { PlanInput } from "./plan-input.ts";

/** Revisions kept although nothing uses them, so that going back stays possible. */
const unusedRevisionsKept = 10;

/** What a Model says about its revisions. */
export interface RevisionPlan {
  /** Name of the revision that the Model's spec describes; absent when the Model is gone or going. */
  readonly latest: string | undefined;
  /** All revisions, the one to be made included. */
  readonly all: ReadonlyMap<string, Revision>;
  readonly create: Revision | undefined;
  /** Revisions that nobody owned, e.g. because their Model was deleted with `--cascade=orphan`, with this Model as their owner. */
  readonly adopt: readonly Revision[];
  /** Names of unused revisions beyond the limit. */
  readonly surplus: readonly string[];
  /** Why the revision that the spec describes is not made; what there is goes on. */
  readonly refused?: { readonly reason: string; readonly message: string };
  /** Whether a rollback's hold on the traffic ends here: the spec now describes another revision than before. */
  readonly clearTraffic: boolean;
}

/** Finds or makes the revision that the spec describes, and the ones nobody needs. */
export function planRevisions(input: PlanInput, now: Instant): RevisionPlan {
  const all = new Map(input.revisions.map((revision) => [revision.metadata.name, revision]));
  const { model } = input;
  if (model === undefined || model.metadata.deletionTimestamp !== undefined) {
    return { latest: undefined, all, create: undefined, adopt: [], surplus: [], clearTraffic: false };
  }
  const latest = revisionName(model);
  const refused = all.has(latest) ? undefined : input.place.refuses?.(model);
  if (refused !== undefined) {
    return { latest, all, create: undefined, adopt: adopted(input, model), surplus: [], refused, clearTraffic: false };
  }
  const create = all.has(latest) ? undefined : newRevision(model, latest, input.revisions, now);
  if (create !== undefined) all.set(latest, create);
  return {
    latest,
    all,
    create,
    adopt: adopted(input, model),
    surplus: surplusRevisions(input, model, latest),
    clearTraffic: pinEnds(model, latest),
  };
}

function adopted({ revisions }: PlanInput, model: Model): Revision[] {
  return revisions.filter(isOrphan).map((revision) => owned(revision, model));
}

/** What is known of the bundle when a revision is made of it. */
function annotated({ signatures, contract }: Model["spec"]["source"]): Pick<Revision["metadata"], "annotations"> {
  const annotations = {
    ...(signatures === undefined ? {} : { [signaturesAnnotation]: JSON.stringify(signatures) }),
    ...(contract === undefined ? {} : { [contractAnnotation]: contract }),
  };
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}

function newRevision(model: Model, name: string, existing: readonly Revision[], now: Instant): Revision {
  const number = existing.reduce((highest, revision) => Math.max(highest, revision.spec.number), 0) + 1;
  const revision: Revision = {
    apiVersion: model.apiVersion,
    kind: "Revision",
    metadata: {
      name,
      namespace: model.metadata.namespace!,
      creationTimestamp: new Date(now).toISOString(),
      labels: { "slipway.dev/model": model.metadata.name },
      ...annotated(model.spec.source),
    },
    spec: { model: model.metadata.name, number, ...revisionTemplate(model) },
  };
  return owned(revision, model);
}

/** Whether a revision has no owner at all. */
function isOrphan(revision: Revision): boolean {
  return (revision.metadata.ownerReferences ?? []).length === 0;
}

function owned(revision: Revision, { apiVersion, metadata: { name, uid } }: Model): Revision {
  const owner = { apiVersion, kind: "Model", name, uid: uid!, controller: true, blockOwnerDeletion: true };
  return { ...revision, metadata: { ...revision.metadata, ownerReferences: [owner] } };
}

function surplusRevisions(input: PlanInput, model: Model, latest: string): string[] {
  const used = new Set([latest, ...[...input.replicas, ...(input.runs ?? [])].map(({ revision }) => revision)]);
  for (const share of [...(model.spec.traffic ?? []), ...(model.status?.traffic ?? [])]) used.add(share.revision);
  return input.revisions
    .filter((revision) => !used.has(revision.metadata.name) && !isOrphan(revision))
    .sort((a, b) => b.spec.number - a.spec.number)
    .slice(unusedRevisionsKept)
    .map((revision) => revision.metadata.name);
}

function pinEnds(model: Model, latest: string): boolean {
  const before = model.status?.latestRevision;
  if ((model.spec.traffic ?? []).length === 0 || before === undefined || before === latest) return false;
  return holdsTraffic(model);
}
