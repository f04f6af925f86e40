import type { ProcessSpec } from "./process-spec.ts";
import type { ProcessStatus } from "./process-status.ts";

/** A process whose status changed, or that was forgotten. */
export interface ProcessChange {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The process table, as control uses it. Every method is idempotent and throws `unavailable` while no supervisor answers. */
export interface ProcessHost {
  /** All processes, exited ones included until they are forgotten; only those with these labels, if given. */
  list(labels: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly ProcessStatus[]>;
  /** Starts a replica process; does nothing when one of this id is alive. A process that cannot be started becomes an exited one. */
  start(spec: ProcessSpec, signal: AbortSignal): Promise<void>;
  /** SIGTERM, and after `graceMs` SIGKILL to the whole process group. Returns at once. */
  stop(id: string, graceMs: number, signal: AbortSignal): Promise<void>;
  /** Drops an exited process from the table. */
  forget(id: string, signal: AbortSignal): Promise<void>;
  /** Changes from now on; every process of the table first, and again after each reconnection. Ends when the signal aborts. */
  changes(signal: AbortSignal): AsyncIterable<ProcessChange>;
}
