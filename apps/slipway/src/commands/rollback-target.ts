import { SlipwayError } from "@slipway/base";
import { rollbackManager } from "@slipway/control";
import { type Model, percentOf, type Revision } from "@slipway/spec";
import { trafficOwners } from "./managers.ts";

/** Which revision is meant now, and which one a rollback goes to. */
export interface RollbackTarget {
  readonly current: Revision | undefined;
  readonly target: Revision;
}

/** Chooses where a rollback goes: to the revision named or numbered, else to the one before. Throws `notFound` when there is none, `invalid` when it failed. */
export function rollbackTarget(model: Model, revisions: readonly Revision[], to: string | undefined): RollbackTarget {
  const current = currentRevision(model, revisions);
  return {
    current,
    target: to === undefined ? previousRevision(model, revisions, current) : namedRevision(model, revisions, to),
  };
}

/** The revision that the spec means to serve now: the newest of a pin's, else the latest. */
function currentRevision(model: Model, revisions: readonly Revision[]): Revision | undefined {
  const pinned = (model.spec.traffic ?? []).filter((share) => percentOf(share.percent) > 0).map((share) => share.revision);
  const wanted = pinned.length > 0 ? pinned : [model.status?.latestRevision];
  return newestFirst(revisions.filter((revision) => wanted.includes(revision.metadata.name)))[0];
}

/** The revision to go back to: the newest before the current one that did not fail; before the first, the newest of the others. */
function previousRevision(model: Model, revisions: readonly Revision[], current: Revision | undefined): Revision {
  const usable = newestFirst(revisions).filter((revision) => revision !== current && revision.status?.state !== "Failed");
  const before = usable.find((revision) => current === undefined || revision.spec.number < current.spec.number);
  const found = before ?? usable[0];
  if (found !== undefined) return found;
  const only = current === undefined ? "it has no revision yet" : `${current.metadata.name} is the only one that can serve`;
  throw new SlipwayError("notFound", `Model ${model.metadata.name} has no earlier revision to go back to: ${only}.`, {
    hint: `\`slipway get revisions -l slipway.dev/model=${model.metadata.name}\` lists them.`,
  });
}

function namedRevision(model: Model, revisions: readonly Revision[], text: string): Revision {
  const found = revisions.find((revision) => revision.metadata.name === text || String(revision.spec.number) === text);
  const names = newestFirst(revisions).map((revision) => revision.metadata.name);
  if (found === undefined) {
    throw new SlipwayError("notFound", `Model ${model.metadata.name} has no revision ${JSON.stringify(text)}.`, {
      hint: names.length === 0 ? "It has no revision yet." : `It has ${names.join(", ")}.`,
    });
  }
  if (found.status?.state === "Failed") {
    throw new SlipwayError("invalid", `${found.metadata.name} failed and cannot serve.`, {
      hint: `See \`slipway describe revision ${found.metadata.name}\`.`,
    });
  }
  return found;
}

/**
 * The part of the spec that a rollback to `target` wants. The latest revision needs no pin. `spec.traffic` is a map keyed by revision, so
 * entries of other managers stay unless this sets them to 0.
 */
export function rollbackTraffic(model: Model, target: string): Record<string, unknown> {
  const foreign = trafficOwners(model.metadata, rollbackManager).length > 0;
  if (target === model.status?.latestRevision && !foreign) return {};
  const others = foreign ? (model.spec.traffic ?? []).filter((share) => share.revision !== target) : [];
  return { traffic: [{ revision: target, percent: 100 }, ...others.map(({ revision }) => ({ revision, percent: 0 }))] };
}

function newestFirst(revisions: readonly Revision[]): Revision[] {
  return [...revisions].sort((a, b) => b.spec.number - a.spec.number);
}
