import { SlipwayError } from "@slipway/base";

/** Primary result codes, https://sqlite.org/rescode.html. */
const code = { perm: 3, busy: 5, locked: 6, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notDatabase: 26 };

/** Whether the operating system refused a lock (SQLITE_IOERR_LOCK), rather than somebody else having it. */
export function cannotLock(caught: unknown): boolean {
  return (caught as { errcode?: number }).errcode === (code.ioError | (15 << 8));
}

/** The error of a damaged database; `what` says which damage. */
export function corrupt(what: string, cause?: unknown): SlipwayError {
  return new SlipwayError(
    "internal",
    `The state database is damaged: ${what}. It was not opened, and nothing in it was changed.`,
    {
      hint: "Restore the database from a backup, or move it away together with the files of the same name that end in -wal and -shm, and start empty.",
      cause,
    },
  );
}

/** What SQLite or the file system threw, in the product's terms. `doing` completes "while …". Paths stay in `cause`. */
export function sqliteError(caught: unknown, doing: string): SlipwayError {
  if (caught instanceof SlipwayError) return caught;
  const { errcode, errstr } = caught as { errcode?: number; errstr?: string };
  if (errcode === undefined) return SlipwayError.from(caught);
  switch (errcode & 0xff) {
    case code.busy:
    case code.locked:
      return new SlipwayError("unavailable", `The state database is in use by another process (while ${doing}).`, {
        hint: "Stop the other process that uses this home, or choose another home.",
        cause: caught,
      });
    case code.full:
      return new SlipwayError("storageFull", `The disk is full (while ${doing}); nothing was changed.`, {
        hint: "Free space on the disk of the home, then try again.",
        cause: caught,
      });
    case code.readOnly:
    case code.perm:
    case code.cannotOpen:
      return new SlipwayError("storageFull", `The state database cannot be written (while ${doing}); nothing was changed.`, {
        hint: "Make the home writable for this user, and check that its disk is not mounted read-only.",
        cause: caught,
      });
    case code.corrupt:
    case code.notDatabase:
      return corrupt(errstr ?? "it cannot be read", caught);
    case code.ioError:
      return new SlipwayError("unavailable", `The disk reports an error (while ${doing}); nothing was changed.`, {
        hint: "Check the disk of the home; the system's log says more.",
        cause: caught,
      });
    default:
      return new SlipwayError("internal", `The state database failed (while ${doing}).`, { cause: caught });
  }
}
