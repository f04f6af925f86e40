import type { Resource } from "@slipway/spec";
import type { Change } from "@slipway/store";
import type { Selection } from "../select/selection.ts";

/** An event of a watch. */
export interface FilteredEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly resource: Resource;
}

/**
 * Turns changes of all objects into those of a selection: an object that begins to match is ADDED, one that stops is DELETED as it was while it
 * matched, as in Kubernetes. What an object was before the watch is not known; a deletion that nobody knew of does no harm to clients.
 */
export class WatchFilter {
  private readonly selection: Selection;
  /** Objects by id: as they matched last, or undefined for one that does not match. They are shared with the store. */
  private readonly known = new Map<string, Resource | undefined>();

  constructor(selection: Selection) {
    this.selection = selection;
  }

  /** Notes an object that was shown before the first change. */
  saw(resource: Resource): void {
    if (this.selection.filtered) this.known.set(idOf(resource), resource);
  }

  /** The event of a change for this selection; undefined when there is nothing to show. */
  eventOf({ resource, type }: Exclude<Change, { type: "bookmark" }>): FilteredEvent | undefined {
    const { name, filtered } = this.selection;
    if (name !== undefined && resource.metadata.name !== name) return undefined;
    const id = idOf(resource);
    const before = this.known.get(id);
    const left = this.known.has(id) && before === undefined;
    const now = this.selection.matches(resource);
    if (type === "deleted") {
      this.known.delete(id);
      if (left || (filtered && before === undefined && !now)) return undefined;
      return { type: "DELETED", resource: now ? resource : (before ?? resource) };
    }
    if (filtered) this.known.set(id, now ? resource : undefined);
    if (now) return { type: type === "added" || left ? "ADDED" : "MODIFIED", resource };
    return type === "added" || left ? undefined : { type: "DELETED", resource: before ?? resource };
  }
}

function idOf({ metadata }: Resource): string {
  return metadata.uid ?? `${metadata.namespace ?? ""}/${metadata.name}`;
}
