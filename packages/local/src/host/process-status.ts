import type { Instant, WireError } from "@slipway/base";
import type { ProcessRole } from "./process-spec.ts";

/** What a process says about itself over its lifeline. `failed` means that it is about to end. */
export type ReportedState = "starting" | "ready" | "draining" | "failed";

/** How a process ended. */
export interface ProcessExit {
  readonly at: Instant;
  /** Null after a signal, a failed start, or when another supervisor had started the process. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly cause: /** It ended by itself, or something else killed it. */
    | "ended"
    /** It was asked to stop and did. */
    | "stopped"
    /** It was asked to stop, did not within its grace period, and was killed. */
    | "graceExceeded"
    /** It was alive but did not run any more, and was killed. */
    | "hung"
    /** Its memory limit ended it. */
    | "outOfMemory"
    /** There never was a process. */
    | "startFailed";
  /** Of `startFailed`: why, in a few words. */
  readonly detail?: string;
}

/** One process as the supervisor sees it. */
export interface ProcessStatus {
  readonly id: string;
  readonly role: ProcessRole;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: "starting" | "ready" | "draining" | "exited";
  /** Absent once exited. */
  readonly pid?: number;
  readonly startedAt: Instant;
  /** Failed starts and crashes in a row; back to 0 after ten minutes of being ready. */
  readonly restarts: number;
  /** What the process last reported as wrong. */
  readonly error?: WireError;
  /** What else the process last reported. */
  readonly detail?: string;
  /** The last exit, also while it runs again. */
  readonly exit?: ProcessExit;
  /** How its limits are enforced; absent when it has none. */
  readonly limits?: string;
}
