/** What a process is for; decides the order in which the platform ends its processes. */
export type ProcessRole = "control" | "gateway" | "replica";

/** What a process may use. Absent means no limit. */
export interface ResourceLimits {
  /** Cores, e.g. 0.5. */
  readonly cpu?: number;
  readonly memoryBytes?: number;
}

/** Everything the supervisor needs to start one process. */
export interface ProcessSpec {
  /** Unique on this supervisor, e.g. `control` or `replica/default/digits-1a2b3c4d5e-0`. */
  readonly id: string;
  readonly role: ProcessRole;
  /** Executable and arguments. A system process is adopted by a new supervisor only if these are equal. */
  readonly argv: readonly string[];
  /** Added to the supervisor's own allow-listed environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Free facts about the process, given back in its status. */
  readonly labels: Readonly<Record<string, string>>;
  /** File that standard output and standard error are appended to. */
  readonly logPath: string;
  readonly limits: ResourceLimits;
  /** Unix socket the process will listen on: a stale one is removed before the start and after the end. */
  readonly socketPath?: string;
  /** A file written (mode 0600) before the start and removed after the end; for what is too long or too private for a command line. */
  readonly input?: { readonly path: string; readonly content: string };
}
