import { readdir, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Log } from "@slipway/base";
import { rotateLog } from "./rotate-log.ts";

/** How logs are kept small. */
export interface LogKeeperOptions {
  /** Directory of all logs. */
  readonly directory: string;
  /** Paths of the logs that processes write now. */
  readonly active: () => ReadonlySet<string>;
  readonly clock: Clock;
  readonly log: Log;
  /** Default 10 MiB. */
  readonly maxBytes?: number;
  /** How long logs of processes that are gone are kept. Default seven days. */
  readonly keepMs?: number;
  /** Default 5 s. */
  readonly periodMs?: number;
}

const sweepEveryMs = 60 * 60_000;

/** Rotates the logs of running processes and removes old logs of those that are gone, until the signal aborts. */
export async function keepLogs(options: LogKeeperOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, maxBytes = 10 * 1024 * 1024, keepMs = 7 * 24 * 60 * 60_000, periodMs = 5_000 } = options;
  let sweepAt = clock.monotonic();
  while (!signal.aborted) {
    for (const path of options.active()) {
      await rotateLog(path, maxBytes).catch((error: unknown) => log.warn("a log cannot be rotated", { path, error }));
    }
    if (clock.monotonic() >= sweepAt) {
      sweepAt = clock.monotonic() + sweepEveryMs;
      await sweepLogs(options.directory, options.active(), clock.now() - keepMs).catch((error: unknown) =>
        log.warn("old logs cannot be removed", { error }),
      );
    }
    await clock.sleep(periodMs, signal).catch(() => {});
  }
}

/** Removes replicas' logs (those in a namespace's folder) last written before `before` that nobody writes, then empty folders. */
async function sweepLogs(directory: string, active: ReadonlySet<string>, before: number): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const log = path.replace(/\.\d+$/, "");
    if (!entry.isFile() || entry.parentPath === directory || active.has(log) || !log.endsWith(".log")) continue;
    if ((await stat(path)).mtimeMs < before) {
      await rm(path, { force: true });
      await rmdir(entry.parentPath).catch(() => {});
    }
  }
}
