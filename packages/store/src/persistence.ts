import type { Kind } from "@slipway/spec";

/** One change as it is kept: what happened to which object at which version, and its state then as JSON. */
export interface StoredChange {
  /** Versions of the changes of a store have no gaps: the next one is always one more. */
  readonly version: number;
  readonly type: "added" | "modified" | "deleted";
  readonly kind: Kind;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly text: string;
}

/** What a store finds when it opens. */
export interface StoredState {
  /** Every object, as JSON. */
  readonly resources: readonly string[];
  /** The history kept, oldest first. The last is the newest change there ever was. */
  readonly changes: readonly StoredChange[];
}

/** The durable side of a store. All logic is above it; it only has to be atomic. */
export interface Persistence {
  load(): StoredState;
  /** Keeps these changes and their effect on the objects, all or none of them. When it returns they survive a crash; when it throws nothing was changed. */
  commit(changes: readonly StoredChange[]): void;
  /** Forgets changes before this version. */
  compact(firstKept: number): void;
  close(): void;
}
