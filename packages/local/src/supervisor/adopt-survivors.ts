import type { Clock, Log } from "@slipway/base";
import { killEverything, killMarked } from "../processes/end-processes.ts";
import { isAlive } from "../processes/process-identity.ts";
import type { JournalEntry } from "./journal.ts";
import type { ProcessTable } from "./process-table.ts";

/** A little more than the two seconds for which children look for a new supervisor. */
const windowMs = 2_200;
const deathMs = 2_000;
const pollMs = 20;

/**
 * Gives the children of the supervisor before the time to say hello, then kills every one that did not, with all it started.
 * Returns at once when none is alive, and as soon as all have said hello.
 */
export async function adoptSurvivors(
  entries: readonly JournalEntry[],
  table: ProcessTable,
  clock: Clock,
  log: Log,
): Promise<void> {
  const adopted = (entry: JournalEntry) => table.all().some(({ alive, pid }) => alive && pid === entry.pid);
  const missing = () => entries.filter((entry) => isAlive(entry.pid, entry.startTime) && !adopted(entry));
  await until(clock, windowMs, () => missing().length === 0);
  const orphans = missing();
  for (const orphan of orphans) {
    log.warn("killed a process that the supervisor before had started and that did not answer", {
      process: orphan.id,
      pid: orphan.pid,
    });
    killEverything(orphan.pid, orphan.nonce);
  }
  for (const entry of entries) {
    // Its leader may be gone while what it started is not.
    if (!adopted(entry)) killMarked(entry.nonce);
  }
  await until(clock, deathMs, () => missing().length === 0);
}

async function until(clock: Clock, limitMs: number, done: () => boolean): Promise<void> {
  const end = clock.monotonic() + limitMs;
  while (!done() && clock.monotonic() < end) await clock.sleep(pollMs);
}
