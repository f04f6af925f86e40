import { isDeepStrictEqual } from "node:util";
import type { Key } from "@slipway/spec";
import type { Observed } from "../backend.ts";
import type { PlanInput } from "../plan/plan-input.ts";

/**
 * Worlds in which a plan found nothing to do, now or later. As a plan depends on nothing but its world, the same world again needs no plan:
 * this is what makes a resync of ten thousand Models cheap. Only what was seen is compared; nothing is assumed.
 */
export class SettledWorlds {
  private readonly worlds = new Map<string, PlanInput>();

  /** Whether this is the world that was settled. */
  has(input: PlanInput): boolean {
    const known = this.worlds.get(idOf(input.key));
    return (
      known !== undefined &&
      sameObject(known.model, input.model) &&
      known.routing.published === input.routing.published &&
      known.routing.generation === input.routing.generation &&
      input.routing.acknowledged >= input.routing.generation &&
      known.revisions.length === input.revisions.length &&
      known.revisions.every((revision, index) => sameObject(revision, input.revisions[index])) &&
      isDeepStrictEqual(observedOf(known), observedOf(input))
    );
  }

  remember(input: PlanInput): void {
    if (input.routing.acknowledged >= input.routing.generation) this.worlds.set(idOf(input.key), input);
  }

  forget(key: Key): void {
    this.worlds.delete(idOf(key));
  }
}

function observedOf({ replicas, problems, runs }: PlanInput): Observed {
  return { replicas, problems, ...(runs === undefined ? {} : { runs }) };
}

type Stored = { readonly metadata: { readonly uid?: string; readonly resourceVersion?: string } } | undefined;

/** A store never uses a version twice. */
function sameObject(a: Stored, b: Stored): boolean {
  return a?.metadata.uid === b?.metadata.uid && a?.metadata.resourceVersion === b?.metadata.resourceVersion;
}

function idOf(key: Key): string {
  return `${key.namespace}/${key.name}`;
}
