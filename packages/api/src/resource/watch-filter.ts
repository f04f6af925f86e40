import type { Resource } from "@slipway/spec";
import type { Change } from "@slipway/store";
import type { Selection } from "../select/selection.ts";

/**
 * Turns changes of all objects into those of a selection: an object that begins to match is ADDED, one that stops is DELETED, as in
 * Kubernetes. What an object was before the watch is not known; a deletion that nobody knew of does no harm to clients.
 */
export class WatchFilter {
  private readonly selection: Selection;
  private readonly matched = new Map<string, boolean>();

  constructor(selection: Selection) {
    this.selection = selection;
  }

  /** Notes an object that was shown before the first change. */
  saw(resource: Resource): void {
    this.note(resource, true);
  }

  /** The event type of a change for this selection; undefined when it is not to be shown. */
  typeOf(change: Exclude<Change, { type: "bookmark" }>): "ADDED" | "MODIFIED" | "DELETED" | undefined {
    const { resource, type } = change;
    const { name } = this.selection;
    if (name !== undefined && resource.metadata.name !== name) return undefined;
    const before = this.selection.filtered ? this.matched.get(idOf(resource)) : true;
    const now = this.selection.matches(resource);
    if (type === "deleted") {
      this.matched.delete(idOf(resource));
      return before === false || (before === undefined && !now) ? undefined : "DELETED";
    }
    this.note(resource, now);
    if (now) return type === "added" || before === false ? "ADDED" : "MODIFIED";
    return type === "added" || before === false ? undefined : "DELETED";
  }

  private note(resource: Resource, matches: boolean): void {
    if (this.selection.filtered) this.matched.set(idOf(resource), matches);
  }
}

function idOf({ metadata }: Resource): string {
  return metadata.uid ?? `${metadata.namespace ?? ""}/${metadata.name}`;
}
