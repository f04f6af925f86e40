import { statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { Kind } from "@slipway/spec";
import type { Persistence, StoredChange, StoredState } from "../persistence.ts";
import { migrate } from "./schema.ts";
import { cannotLock, corrupt, sqliteError } from "./sqlite-error.ts";

/** Where the database is, and how large it may get. */
export interface SqliteOptions {
  /** The file; SQLite keeps a `-wal` beside it. Its directory must exist. */
  readonly path: string;
  /** Bytes the database may have at most; as many as the disk allows when not set. */
  readonly mostBytes?: number;
}

/** Milliseconds to wait for a process that is about to let go of the file. */
const lockTimeout = 1_000;

/** The smallest page of an SQLite database, and so the smallest database, in bytes. */
const smallestDatabase = 512;

/** Bytes the write-ahead log is cut back to once its content is in the database. */
const walLimit = 4 * 1024 * 1024;

/**
 * Keeps the store in one SQLite file: write-ahead log, every commit synced before it returns. Uses `node:sqlite`, which is part of Node:
 * better-sqlite3 is as good, but needs a binary for each Node version and platform, fetched by an install script.
 */
export class SqlitePersistence implements Persistence {
  private readonly database: DatabaseSync;
  private readonly put: StatementSync;
  private readonly drop: StatementSync;
  private readonly append: StatementSync;
  private readonly forget: StatementSync;

  /**
   * Opens the file, makes it if there is none, checks it and brings it to the current schema. Throws `unavailable` if another process has it,
   * `storageFull` if it cannot be written, `invalid` for a newer schema, and `internal` saying what to do if it is damaged.
   */
  constructor({ path, mostBytes }: SqliteOptions) {
    let database: DatabaseSync | undefined;
    try {
      refuseRemains(path);
      database = new DatabaseSync(path, { timeout: lockTimeout });
      prepare(database, mostBytes);
      this.put = database.prepare("INSERT OR REPLACE INTO resources (kind, namespace, name, text, crc) VALUES (?, ?, ?, ?, ?)");
      this.drop = database.prepare("DELETE FROM resources WHERE kind = ? AND namespace = ? AND name = ?");
      this.append = database.prepare(
        "INSERT INTO changes (version, type, kind, namespace, name, text, crc) VALUES (?, ?, ?, ?, ?, ?, ?)",
      );
      this.forget = database.prepare("DELETE FROM changes WHERE version < ?");
      this.database = database;
    } catch (error) {
      database?.close();
      throw sqliteError(cannotLock(error) ? lockRefusal(path, error) : error, "opening it");
    }
  }

  load(): StoredState {
    try {
      const resources = this.database.prepare("SELECT text, crc FROM resources").all().map(checkedText);
      const changes = this.database.prepare("SELECT * FROM changes ORDER BY version").all().map(readChange);
      const gap = changes.find((change, index) => change.version !== changes[0]!.version + index);
      if (gap !== undefined) throw corrupt(`changes before version ${gap.version} are missing`);
      if (changes.length === 0 && resources.length > 0) throw corrupt("its history is missing");
      return { resources, changes };
    } catch (error) {
      throw sqliteError(error, "reading it");
    }
  }

  commit(changes: readonly StoredChange[]): void {
    this.transaction("writing to it", () => {
      for (const { version, type, kind, namespace, name, text } of changes) {
        const crc = crc32(text);
        if (type === "deleted") this.drop.run(kind, namespace, name);
        else this.put.run(kind, namespace, name, text, crc);
        this.append.run(version, type, kind, namespace, name, text, crc);
      }
    });
  }

  compact(firstKept: number): void {
    this.transaction("compacting it", () => this.forget.run(firstKept));
  }

  close(): void {
    try {
      // Leaves one file, without a log beside it. If the disk is full the log stays, and is read at the next start.
      this.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // Everything is in the log already; closing must not fail for this.
    }
    this.database.close();
  }

  private transaction(doing: string, work: () => void): void {
    try {
      this.database.exec("BEGIN IMMEDIATE");
      work();
      this.database.exec("COMMIT");
    } catch (error) {
      // Some errors roll back by themselves.
      if (this.database.isTransaction) this.database.exec("ROLLBACK");
      throw sqliteError(error, doing);
    }
  }
}

/** For a file that it may only read, SQLite reports a failed lock when it is to lock it for good; asked for an ordinary lock it says why. */
function lockRefusal(path: string, failed: unknown): unknown {
  const probe = new DatabaseSync(path);
  try {
    probe.exec("BEGIN IMMEDIATE; ROLLBACK");
    return failed;
  } catch (error) {
    return error;
  } finally {
    probe.close();
  }
}

/** SQLite takes what is too short for a database as a new one, and then drops the log beside it; with both gone nobody would know what was lost. */
function refuseRemains(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const logged = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (size > 0 && size < smallestDatabase) throw corrupt(`it has only ${size} bytes`);
  if (size === 0 && logged > 0) throw corrupt("it is empty, but there is a log of changes to it");
}

function prepare(database: DatabaseSync, mostBytes: number | undefined): void {
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  migrate(database);
  // Only once the file is known to be ours and readable: this changes it.
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${walLimit}`);
  const verdict = String(database.prepare("PRAGMA integrity_check(1)").get()?.integrity_check);
  if (verdict !== "ok") throw corrupt(verdict);
  if (mostBytes === undefined) return;
  const pageSize = Number(database.prepare("PRAGMA page_size").get()?.page_size);
  database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(mostBytes / pageSize))}`);
}

type Row = Record<string, unknown>;

/** SQLite checks the structure of its pages, not the text in them; the checksum does. */
function checkedText(row: Row): string {
  const text = String(row.text);
  if (crc32(text) !== row.crc) throw corrupt("an object in it does not match its checksum");
  return text;
}

function readChange(row: Row): StoredChange {
  return {
    version: Number(row.version),
    type: row.type as StoredChange["type"],
    kind: row.kind as Kind,
    namespace: String(row.namespace),
    name: String(row.name),
    text: checkedText(row),
  };
}
