import type { DatabaseSync } from "node:sqlite";
import { SlipwayError } from "@slipway/base";

/** Marks a file as ours: "Slip". */
const applicationId = 0x536c6970;

/** Step n (from 0) takes schema n to n + 1. A released step is never changed; a new schema is a new step. */
const schemaSteps: readonly string[] = [
  `CREATE TABLE resources (
     kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
     text TEXT NOT NULL, crc INTEGER NOT NULL,
     PRIMARY KEY (kind, namespace, name)
   ) STRICT;
   CREATE TABLE changes (
     version INTEGER PRIMARY KEY, type TEXT NOT NULL, kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
     text TEXT NOT NULL, crc INTEGER NOT NULL
   ) STRICT;`,
];

/** Brings a database to the schema after the last step, all steps or none. Throws `invalid` for a newer one and for a file that is not ours. */
export function migrate(database: DatabaseSync, steps: readonly string[] = schemaSteps): void {
  const current = steps.length;
  // Takes the lock for good: with it this process is the only one that reads or writes the file.
  database.exec("BEGIN EXCLUSIVE");
  try {
    const from = pragma(database, "user_version");
    const empty = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n === 0;
    if (!empty && pragma(database, "application_id") !== applicationId) {
      throw new SlipwayError("invalid", "The state database is an SQLite database, but not one of Slipway; it was not changed.", {
        hint: "Choose another home, or move that file away.",
      });
    }
    if (from > current) {
      throw new SlipwayError(
        "invalid",
        `The state database has schema ${from}; this Slipway knows schemas up to ${current}. It was not changed.`,
        {
          hint: "Use the newer Slipway that wrote it, or another home.",
        },
      );
    }
    for (const step of steps.slice(from)) database.exec(step);
    if (from < current) database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${current}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
