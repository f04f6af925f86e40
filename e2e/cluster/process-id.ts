import { readFileSync } from "node:fs";
import { eventually } from "../harness/eventually.ts";

/** A process that cannot be mistaken for another: numbers are used again, a number with a start time is not. */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks after boot, as /proc/PID/stat has it. */
  readonly start: string;
}

/** The identity of a running process; undefined when there is none of this number, or it has ended and was not yet taken in. */
export function identify(pid: number): ProcessId | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name, in brackets, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : { pid, start: fields[19]! };
  } catch {
    return undefined;
  }
}

/** Whether exactly this process still runs. */
export function isAlive(id: ProcessId): boolean {
  return identify(id.pid)?.start === id.start;
}

/** Sends a signal to exactly this process, if it still runs. */
export function signal(id: ProcessId, name: NodeJS.Signals): void {
  if (!isAlive(id)) return;
  try {
    process.kill(id.pid, name);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Waits until none of these processes runs. */
export async function allEnded(ids: readonly ProcessId[], seconds: number): Promise<void> {
  await eventually(`processes ${ids.map((id) => id.pid).join(", ")} end`, seconds, async () => !ids.some(isAlive));
}

/** The first child of a process, waiting for it: `unshare --fork` and `nsenter --pid` start the program proper as one. */
export async function onlyChild(parent: number, what: string): Promise<ProcessId> {
  return eventually(`${what} starts`, 10, async () => {
    const child = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ")[0];
    return child ? identify(Number(child)) : undefined;
  });
}
