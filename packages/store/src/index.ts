export { type AdmitInput, admit } from "./admit/admit.ts";
export { defaultNamespace } from "./admit/admit-removal.ts";
export { eventSweeper } from "./event-sweeper.ts";
export { collect } from "./garbage/collect.ts";
export { type GarbageAction, garbage } from "./garbage/garbage.ts";
export { garbageActor } from "./garbage/garbage-actor.ts";
export { LocalStore, type LocalStoreOptions } from "./local-store.ts";
export { openMemoryStore, openSqliteStore } from "./open-store.ts";
export type { Persistence, StoredChange, StoredState } from "./persistence.ts";
export type { SqliteOptions } from "./sqlite/sqlite-persistence.ts";
export type {
  Change,
  Expect,
  Listing,
  RemoveOptions,
  Store,
  Version,
  WatchOptions,
  WriteOptions,
} from "./store.ts";
