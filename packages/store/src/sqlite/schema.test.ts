import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import { migrate } from "./schema.ts";

const first = "CREATE TABLE a (x TEXT) STRICT; INSERT INTO a VALUES ('kept')";
const second = "ALTER TABLE a ADD COLUMN y TEXT; UPDATE a SET y = x || '!'";

test("a database is migrated step by step, once", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database, [first]);
  migrate(database, [first, second]);
  migrate(database, [first, second]);
  assert.deepEqual({ ...database.prepare("SELECT * FROM a").get() }, { x: "kept", y: "kept!" });
  assert.equal(database.prepare("PRAGMA user_version").get()?.user_version, 2);
});

test("a step that fails undoes all of them", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database, [first]);
  assert.throws(() => migrate(database, [first, second, "no SQL"]));
  assert.deepEqual({ ...database.prepare("SELECT * FROM a").get() }, { x: "kept" });
  assert.equal(database.prepare("PRAGMA user_version").get()?.user_version, 1);
});

test("a newer schema is refused by name, and a database of somebody else", () => {
  const newer = new DatabaseSync(":memory:");
  migrate(newer, [first, second]);
  assert.throws(
    () => migrate(newer, [first]),
    (error) =>
      error instanceof SlipwayError &&
      error.code === "invalid" &&
      /has schema 2; this Slipway knows schemas up to 1/.test(error.message),
  );
  const foreign = new DatabaseSync(":memory:");
  foreign.exec(first);
  assert.throws(
    () => migrate(foreign),
    (error) => error instanceof SlipwayError && error.code === "invalid" && /not one of Slipway/.test(error.message),
  );
});
