import { readFile, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { SlipwayError } from "@slipway/base";
import { isAlive, startTimeOf } from "../processes/process-identity.ts";
import type { HomePaths } from "./home-paths.ts";
import { homeProblem } from "./home-problem.ts";
import { replaceFile } from "./replace-file.ts";

/** SQLite's primary result codes, https://sqlite.org/rescode.html. */
const busy = 5;
/** A process that was just killed keeps its lock until the system has taken it apart, and `up` right after `kill -9` must work. */
const dyingHolderMs = 500;
const systemCodeOf: Record<number, string> = { 3: "EACCES", 8: "EROFS", 10: "EIO", 13: "ENOSPC", 14: "EACCES" };

/** Proof that this process alone runs the platform of a home. It lasts until {@link HomeLock.release} or the end of the process, SIGKILL included. */
export class HomeLock {
  private readonly database: DatabaseSync;
  private readonly paths: HomePaths;

  private constructor(database: DatabaseSync, paths: HomePaths) {
    this.database = database;
    this.paths = paths;
  }

  /** Takes the lock, or throws `alreadyExists` with the id of the process that has it. */
  static async take(paths: HomePaths): Promise<HomeLock> {
    // The operating system drops SQLite's file lock when the process dies, however it dies; a lock file would stay behind.
    const database = lockedDatabase(paths);
    if (database === undefined) throw await alreadyRuns(paths);
    const lock = new HomeLock(database, paths);
    try {
      const holder: Holder = { pid: process.pid, startTime: startTimeOf(process.pid) ?? "" };
      await replaceFile(paths.lockHolder, `${JSON.stringify(holder)}\n`);
    } catch (error) {
      database.close();
      throw homeProblem(error, paths.directory);
    }
    return lock;
  }

  /** Id of the live process that says it holds the lock; undefined when none does. Works without the lock and without write permission. */
  static async holder(paths: HomePaths): Promise<number | undefined> {
    try {
      const holder = JSON.parse(await readFile(paths.lockHolder, "utf8")) as Holder;
      return isAlive(holder.pid, holder.startTime) ? holder.pid : undefined;
    } catch {
      return undefined;
    }
  }

  async release(): Promise<void> {
    await rm(this.paths.lockHolder, { force: true });
    if (this.database.isOpen) this.database.close();
  }

  [Symbol.dispose](): void {
    if (this.database.isOpen) this.database.close();
  }
}

interface Holder {
  readonly pid: number;
  readonly startTime: string;
}

/** An open database with its file locked; undefined when another process has the lock. */
function lockedDatabase(paths: HomePaths): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(paths.lock, { timeout: dyingHolderMs });
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database?.close();
    const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff;
    if (code === busy) return undefined;
    const systemCode = systemCodeOf[code];
    throw homeProblem(
      systemCode === undefined ? error : Object.assign(new Error("lock"), { code: systemCode, cause: error }),
      paths.directory,
    );
  }
}

async function alreadyRuns(paths: HomePaths): Promise<SlipwayError> {
  const pid = await HomeLock.holder(paths);
  return new SlipwayError(
    "alreadyExists",
    `Slipway already runs on ${paths.directory}${pid === undefined ? "" : ` (process ${pid})`}.`,
    {
      hint: "`slipway down` stops it; another platform needs another home (--home or SLIPWAY_HOME).",
    },
  );
}
