import type { StoredChange } from "./persistence.ts";

/** How much history is kept. */
export interface HistoryLimits {
  /** Changes kept at least; a tenth more before they are trimmed together. */
  readonly changes: number;
  /** Characters of JSON kept at most, whatever the number of changes. */
  readonly characters: number;
}

/** The last changes in order of version, as JSON: all that is needed to serve a watch that is behind. */
export class History {
  private readonly limits: HistoryLimits;
  private readonly listeners = new Set<() => void>();
  private changes: StoredChange[] = [];
  private characters = 0;
  /** The newest version; 0 in a store that never had a change. */
  version = 0;

  constructor(limits: HistoryLimits) {
    this.limits = limits;
  }

  /** Watches may begin at this version or later: everything after it is kept. */
  get compacted(): number {
    return this.version - this.changes.length;
  }

  /** Adds changes that follow the newest, and wakes those who wait for them. */
  append(changes: readonly StoredChange[]): void {
    for (const change of changes) {
      this.changes.push(change);
      this.characters += change.text.length;
      this.version = change.version;
    }
    for (const listener of [...this.listeners]) listener();
  }

  /** The first change after this version; undefined if there is none yet. */
  next(after: number): StoredChange | undefined {
    return this.changes[after - this.compacted];
  }

  /** Calls back after each append; returns how to stop. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Drops what is beyond the limits; returns the first version kept, if anything was dropped. */
  trim(): number | undefined {
    const slack = Math.ceil(this.limits.changes / 10);
    if (this.changes.length <= this.limits.changes + slack && this.characters <= this.limits.characters) return undefined;
    let drop = Math.max(0, this.changes.length - this.limits.changes);
    let characters = this.characters;
    for (const change of this.changes.slice(0, drop)) characters -= change.text.length;
    // Down to nine tenths, so that a store of large objects does not trim at every write. The newest change always stays: it carries the version.
    while (characters > this.limits.characters * 0.9 && drop < this.changes.length - 1)
      characters -= this.changes[drop++]!.text.length;
    if (drop === 0) return undefined;
    this.changes = this.changes.slice(drop);
    this.characters = characters;
    return this.compacted + 1;
  }
}
