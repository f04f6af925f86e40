import type { Persistence, StoredState } from "../persistence.ts";

/** Keeps nothing: a store on it lives as long as its process. */
export class MemoryPersistence implements Persistence {
  load(): StoredState {
    return { resources: [], changes: [] };
  }

  commit(): void {}

  compact(): void {}

  close(): void {}
}
