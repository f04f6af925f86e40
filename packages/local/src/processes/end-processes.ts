import { readdirSync, readFileSync } from "node:fs";

/** Sends a signal to one process, or to the group of a leader's negated id; false when there is none. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  // To the system 0 is our own group, 1 its first process and -1 everybody; a broken journal must not say so.
  if (!Number.isInteger(pid) || Math.abs(pid) <= 1) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** SIGKILL to a whole process group and to everything {@link killMarked} finds. */
export function killEverything(leader: number, marker: string): void {
  signalProcess(-leader, "SIGKILL");
  killMarked(marker);
}

/**
 * SIGKILL to every process that carries `marker` in its environment, where /proc tells: one that forked twice into a session of its
 * own has left its group, but not its environment.
 */
export function killMarked(marker: string): void {
  // A process may fork while the list is read, so the list is read until nothing is left; a bound, because this must end.
  for (let round = 0; round < 5; round++) {
    const found = withMarker(marker);
    if (found.length === 0) return;
    for (const pid of found) signalProcess(pid, "SIGKILL");
  }
}

function withMarker(marker: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(marker);
      } catch {
        return false;
      }
    })
    .map(Number);
}
