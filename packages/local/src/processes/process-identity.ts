import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * When a live process started, as text that only it has: process ids are used again, this pair never is.
 * Undefined when there is no such process or it is a zombie, which only waits for its parent to look.
 */
export function startTimeOf(pid: number): string | undefined {
  return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
}

/** Whether the process with this id is alive and still the one that started then. */
export function isAlive(pid: number, startTime: string): boolean {
  return startTimeOf(pid) === startTime;
}

let bootId: string | undefined;

/** proc_pid_stat(5): field 3 is the state, field 22 the start in clock ticks since boot. */
function fromProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Ticks begin again with every boot; a journal outlives it.
    bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").slice(0, 8);
  } catch {
    return undefined;
  }
  // Field 2 is the command in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : `${fields[19]}@${bootId}`;
}

function fromPs(pid: number): string | undefined {
  try {
    const line = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      env: { LC_ALL: "C" },
    }).trim();
    return line === "" || line.startsWith("Z") ? undefined : line.slice(line.indexOf(" ") + 1).trim();
  } catch {
    return undefined;
  }
}
