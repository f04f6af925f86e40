import { DatabaseSync } from "node:sqlite";
import { type Clock, SlipwayError } from "@slipway/base";

/** Primary result codes, https://sqlite.org/rescode.html. */
const busy = 5;
const full = 13;
const waitMs = 10;

/** Longest wait for another process that moves blobs: it holds the lock for renames and one small write, never while copying. */
const patienceMs = 30_000;

/**
 * Runs `work` while no other process, and nothing else in this one, changes the store. SQLite holds the lock, because the operating system
 * releases its locks when a process dies, in whatever way; the database itself stays empty.
 */
export async function withStoreLock<T>(file: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  const database = openDatabase(file);
  try {
    const deadline = clock.monotonic() + patienceMs;
    while (!tryLock(database)) {
      if (clock.monotonic() > deadline) {
        throw new SlipwayError("unavailable", "Another process has been changing the bundle store for too long.", {
          hint: "Look for a hanging `slipway build` and end it.",
          retryAfter: 5,
        });
      }
      await clock.sleep(waitMs);
    }
    return await work();
  } finally {
    database.close();
  }
}

function openDatabase(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file);
  } catch (caught) {
    throw unwritable(caught);
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (caught) {
    if ((caught as { errcode?: number }).errcode === busy) return false;
    throw unwritable(caught);
  }
}

function unwritable(cause: unknown): SlipwayError {
  if ((cause as { errcode?: number }).errcode === full) {
    return new SlipwayError("storageFull", "The disk of the bundle store is full; nothing was changed.", {
      hint: "Free some space, or use another home, and try again.",
      cause,
    });
  }
  return new SlipwayError("storageFull", "The bundle store cannot be written; nothing was changed.", {
    hint: "Check that its file system is writable, has room, and belongs to this user.",
    cause,
  });
}
