import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Log } from "@slipway/base";
import type { ManagedProcess } from "./managed-process.ts";

/** What the next supervisor must know to find a process that this one started. */
export interface JournalEntry {
  readonly id: string;
  readonly pid: number;
  readonly startTime: string;
  /** See `Ticket`. */
  readonly nonce: string;
}

interface JournalFile {
  readonly home: string;
  readonly processes: readonly JournalEntry[];
}

/** The file in which a supervisor notes its living children, so that the next one finds orphans that say nothing. */
export class Journal {
  private readonly path: string;
  private readonly home: string;
  private readonly log: Log;
  private written = "";

  /** `home` is the home's own path: in a copy of it the journal names processes that belong to the original. */
  constructor(path: string, home: string, log: Log) {
    this.path = path;
    this.home = home;
    this.log = log;
  }

  /** The entries of the supervisor before; none when there was none or the file cannot be read. */
  read(): readonly JournalEntry[] {
    try {
      const { home, processes } = JSON.parse(readFileSync(this.path, "utf8")) as JournalFile;
      return home === this.home ? processes : [];
    } catch {
      return [];
    }
  }

  /** Writes if anything changed. Synchronous: a child must be in it before anything else happens. No fsync: after a power cut there are no children. */
  write(processes: readonly ManagedProcess[]): void {
    const entries = processes.flatMap(({ spec, nonce, pid, startTime }): JournalEntry[] =>
      pid === undefined || startTime === undefined ? [] : [{ id: spec.id, pid, startTime, nonce }],
    );
    const text = `${JSON.stringify({ home: this.home, processes: entries } satisfies JournalFile)}\n`;
    if (text === this.written) return;
    try {
      writeFileSync(`${this.path}.tmp`, text, { mode: 0o600 });
      renameSync(`${this.path}.tmp`, this.path);
      this.written = text;
    } catch (error) {
      // Children still hold their lifelines; only one that hangs could be missed.
      this.log.warn("the journal of processes cannot be written", { error });
    }
  }
}
