import { LocalStore, type LocalStoreOptions } from "./local-store.ts";
import { MemoryPersistence } from "./memory/memory-persistence.ts";
import { type SqliteOptions, SqlitePersistence } from "./sqlite/sqlite-persistence.ts";

type StoreOptions = Omit<LocalStoreOptions, "persistence">;

/** A store that lives as long as its process. */
export function openMemoryStore(options: StoreOptions): LocalStore {
  return new LocalStore({ ...options, persistence: new MemoryPersistence() });
}

/** A store in a SQLite file that no other process has open. Throws as {@link SqlitePersistence} does; close it when done. */
export function openSqliteStore(options: StoreOptions & SqliteOptions): LocalStore {
  const persistence = new SqlitePersistence(options);
  try {
    return new LocalStore({ ...options, persistence });
  } catch (error) {
    persistence.close();
    throw error;
  }
}
