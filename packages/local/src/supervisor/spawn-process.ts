import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import type { ProcessSpec } from "../host/process-spec.ts";
import { lifelineVariable } from "../lifeline/ticket.ts";
import { openLog } from "../logs/open-log.ts";
import type { ProcessTools } from "./process-tools.ts";

/** Starts the process of a spec in a process group of its own. Throws, or emits `error` on the child, when the system refuses. */
export function spawnProcess(spec: ProcessSpec, ticket: string, tools: ProcessTools): ChildProcess {
  removeScratch(spec);
  if (spec.input !== undefined) writeFileSync(spec.input.path, spec.input.content, { mode: 0o600, flag: "wx" });
  const log = logOf(spec, tools);
  try {
    const [executable, ...args] = spec.argv;
    return spawn(executable ?? "", args, {
      cwd: tools.directory,
      env: { ...tools.environment, ...spec.env, [lifelineVariable]: ticket },
      // A group of its own, so that a signal to it reaches all that it starts, and Ctrl-C in the terminal does not reach it.
      detached: true,
      // The file itself, not a pipe: what a child writes must not depend on the life of the supervisor.
      stdio: ["ignore", log, log],
    });
  } finally {
    closeSync(log);
  }
}

/** Removes the socket and the input file of a process that is not running. */
export function removeScratch(spec: ProcessSpec): void {
  for (const path of [spec.socketPath, spec.input?.path]) {
    if (path !== undefined) rmSync(path, { force: true });
  }
}

function logOf(spec: ProcessSpec, tools: ProcessTools): number {
  try {
    return openLog(spec.logPath);
  } catch (error) {
    // A full disk must not keep a model from serving.
    tools.log.warn("a log cannot be opened; the output of the process is dropped", { process: spec.id, error });
    return openSync("/dev/null", "a");
  }
}

/** Why the system refused to start a process, in a few words that are safe to show. */
export function startFailure(caught: unknown): string {
  const code = (caught as NodeJS.ErrnoException).code ?? "unknown error";
  const meanings: Record<string, string> = {
    ENOENT: "the program or its working directory was not found",
    EACCES: "the program may not be executed",
    EAGAIN: "the limit of processes is reached",
    ENOMEM: "there is not enough memory",
    EMFILE: "too many files are open",
    ENFILE: "too many files are open on this machine",
    E2BIG: "its command line or environment is too long",
    ENOSPC: "the disk is full",
    EROFS: "the file system is read-only",
  };
  return meanings[code] === undefined ? code : `${meanings[code]} (${code})`;
}
