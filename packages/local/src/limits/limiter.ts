import type { ResourceLimits } from "../host/process-spec.ts";

/** The limits of one process, in force from {@link LimitedProcess.attach} to {@link LimitedProcess.release}. */
export interface LimitedProcess {
  /** How they are enforced, for people; begins with `cgroup` only if all of them are, by the kernel. Undefined when there are none. */
  readonly text: string | undefined;
  /** Puts a process that was just started, and all it will start, under the limits. */
  attach(pid: number): void;
  /** Whether the memory limit has killed the process or one it started. */
  outOfMemory(): boolean;
  /** Ends the limits once the process is gone. */
  release(): void;
}

/** Enforces limits on processes. Methods never throw: a limit that cannot be set is said in {@link LimitedProcess.text}. */
export interface Limiter {
  /** How limits would be enforced on this machine, for people. */
  readonly text: string;
  /** Limits for a process that is about to start. */
  prepare(id: string, limits: ResourceLimits): LimitedProcess;
  /** Takes over the limits of a process that another supervisor started. */
  adopt(id: string, limits: ResourceLimits, pid: number): LimitedProcess;
  /** Removes what supervisors before left behind, except for these ids. */
  sweep(ids: ReadonlySet<string>): void;
  close(): void;
}
