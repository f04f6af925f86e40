import type { Key, Revision } from "@slipway/spec";

/**
 * All revisions by Model, as a watch tells of them and as control's own writes return them: what control wrote it sees at once, however
 * late the watch is. Saves a list of every revision per reconcile.
 */
export class RevisionIndex {
  private models = new Map<string, Map<string, Revision>>();

  /** The revisions that name this Model, whoever owns them. */
  of(model: Key): Revision[] {
    return [...(this.models.get(idOf(model.namespace, model.name))?.values() ?? [])];
  }

  /** Takes a revision in; one that is older than what is known changes nothing. */
  put(revision: Revision): void {
    const { namespace, name } = revision.metadata;
    const id = idOf(namespace, revision.spec.model);
    const known = this.models.get(id) ?? new Map<string, Revision>();
    const before = known.get(name);
    if (before !== undefined && versionOf(before) > versionOf(revision)) return;
    known.set(name, revision);
    this.models.set(id, known);
  }

  /** Drops a revision that is gone; a newer one of its name stays. */
  drop(revision: Revision): void {
    const { namespace, name } = revision.metadata;
    const id = idOf(namespace, revision.spec.model);
    const known = this.models.get(id);
    const found = known?.get(name);
    if (known === undefined || found === undefined || versionOf(found) > versionOf(revision)) return;
    known.delete(name);
    if (known.size === 0) this.models.delete(id);
  }

  /** Starts over from a list; what was written after the list was made stays. */
  replace(items: readonly Revision[], version: string): void {
    const newer = [...this.models.values()].flatMap((known) =>
      [...known.values()].filter((revision) => versionOf(revision) > Number(version)),
    );
    this.models = new Map();
    for (const revision of [...items, ...newer]) this.put(revision);
  }
}

function versionOf(revision: Revision): number {
  return Number(revision.metadata.resourceVersion);
}

function idOf(namespace: string | undefined, model: string): string {
  return `${namespace}/${model}`;
}
