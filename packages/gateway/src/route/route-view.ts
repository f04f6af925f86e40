import { SlipwayError } from "@slipway/base";
import type { ModelRoute, RevisionRoute, RouteTable } from "@slipway/protocol";

/** The table as requests look it up: models by `NAMESPACE/NAME`. */
export type RouteView = ReadonlyMap<string, ModelRoute>;

/** What a request asks for by its path. */
export interface RouteTarget {
  readonly namespace: string;
  readonly model: string;
  /** Set when the path pins a revision. */
  readonly revision: string | undefined;
}

/** The view of a table. */
export function routeView(table: RouteTable): RouteView {
  return new Map(table.models.map((model) => [modelKey(model.namespace, model.name), model]));
}

/** The key of a model in a {@link RouteView}. Names have no slash. */
export function modelKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Whether what is asked for is in the table. */
export function isKnown(view: RouteView, { namespace, model, revision }: RouteTarget): boolean {
  const known = view.get(modelKey(namespace, model));
  return known !== undefined && (revision === undefined || known.revisions.some(({ name }) => name === revision));
}

/**
 * The revision that serves a request: the pinned one, or one by the exact shares of those that are ready, for a `random` number in [0, 1).
 * Undefined when none is ready. Throws `notFound` for an unknown model or revision.
 */
export function route(
  view: RouteView,
  target: RouteTarget,
  random: number,
  ready: (revision: RevisionRoute) => boolean = () => true,
): RevisionRoute | undefined {
  const found = known(view, target);
  if ("percent" in found) return ready(found) ? found : undefined;
  const { revisions } = found;
  let sum = 0;
  let only: RevisionRoute | undefined;
  let several: RevisionRoute[] | undefined;
  for (const revision of revisions) {
    if (revision.percent === 0 || !ready(revision)) continue;
    sum += revision.percent;
    if (only === undefined) only = revision;
    else several = [...(several ?? [only]), revision];
  }
  if (several === undefined) return only;
  let left = random * sum;
  for (const candidate of several) {
    left -= candidate.percent;
    if (left < 0) return candidate;
  }
  return undefined;
}

/** Throws `notFound` for an unknown model or revision. */
export function demandKnown(view: RouteView, target: RouteTarget): void {
  known(view, target);
}

/** The revision that is pinned, or the whole model. */
function known(view: RouteView, target: RouteTarget): ModelRoute | RevisionRoute {
  const model = view.get(modelKey(target.namespace, target.model));
  if (model === undefined) {
    throw new SlipwayError("notFound", `There is no model ${quoted(target.model)} in namespace ${quoted(target.namespace)}.`);
  }
  if (target.revision === undefined) return model;
  const pinned = model.revisions.find((revision) => revision.name === target.revision);
  if (pinned === undefined)
    throw new SlipwayError("notFound", `Model ${quoted(target.model)} has no revision ${quoted(target.revision)}.`);
  return pinned;
}

/** A name from a request in quotes, cut so that an answer is not as long as what a caller made up. */
function quoted(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}
