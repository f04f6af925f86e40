import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { SlipwayError } from "@slipway/base";
import { HomeLock } from "./home-lock.ts";
import type { HomePaths } from "./home-paths.ts";
import { replaceFile } from "./replace-file.ts";

/** Changes a home of version N, N = its place in the list + 1, to version N + 1. Runs under the home's lock; must bear being run again after a crash. */
export type HomeMigration = (paths: HomePaths) => Promise<void>;

/** Every migration there is; the version of a home is one more than their number. */
export const homeMigrations: readonly HomeMigration[] = [];

/** Writes the schema version of a new home, migrates an older one, refuses a newer one. Returns the version in force. */
export async function bringToDate(paths: HomePaths, migrations: readonly HomeMigration[] = homeMigrations): Promise<number> {
  const current = migrations.length + 1;
  const found = await readVersion(paths);
  if (found === undefined) {
    await refuseForeign(paths);
    await writeVersion(paths, current);
    return current;
  }
  if (found > current) {
    throw new SlipwayError(
      "invalid",
      `The home ${paths.directory} has schema version ${found}, but this version of Slipway knows versions up to ${current}.`,
      { hint: "Use the newer Slipway that wrote it, or another directory with --home or SLIPWAY_HOME." },
    );
  }
  if (found < current) {
    using _lock = await HomeLock.take(paths);
    for (let version = found; version < current; version++) {
      await migrations[version - 1]!(paths);
      await writeVersion(paths, version + 1);
    }
  }
  return current;
}

function writeVersion(paths: HomePaths, schemaVersion: number): Promise<void> {
  return replaceFile(paths.schema, `${JSON.stringify({ schemaVersion })}\n`);
}

async function readVersion(paths: HomePaths): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(paths.schema, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  let version: unknown;
  try {
    version = (JSON.parse(text) as { schemaVersion?: unknown }).schemaVersion;
  } catch {
    version = undefined;
  }
  if (typeof version === "number" && Number.isInteger(version) && version >= 1) return version;
  throw new SlipwayError("invalid", `The file ${paths.schema} does not hold a schema version: expected {"schemaVersion": 1}.`, {
    hint: "Restore it from a backup, or choose another directory with --home or SLIPWAY_HOME.",
  });
}

/** A directory with other people's files is more likely a slip of the finger than a home. */
async function refuseForeign(paths: HomePaths): Promise<void> {
  const others = (await readdir(paths.directory)).filter((name) => !name.startsWith(basename(paths.schema)));
  if (others.length === 0) return;
  throw new SlipwayError("invalid", `The directory ${paths.directory} is not empty and is not a home of Slipway.`, {
    hint: "Choose an empty or new directory with --home or SLIPWAY_HOME.",
  });
}
