import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Resident memory in bytes of every process group of this machine, by the id of its leader. */
export function groupMemory(): Promise<Map<number, number>> {
  return process.platform === "linux" ? fromProc() : fromPs();
}

async function fromProc(): Promise<Map<number, number>> {
  const groups = new Map<number, number>();
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    // proc_pid_status(5): kB whatever the page size is; kernel threads have no VmRSS.
    const status = await readFile(`/proc/${pid}/status`, "latin1").catch(() => "");
    const group = /^NSpgid:\t(\d+)/m.exec(status)?.[1];
    const resident = /^VmRSS:\s*(\d+) kB/m.exec(status)?.[1];
    if (group === undefined || resident === undefined) continue;
    groups.set(Number(group), (groups.get(Number(group)) ?? 0) + Number(resident) * 1024);
  }
  return groups;
}

async function fromPs(): Promise<Map<number, number>> {
  const groups = new Map<number, number>();
  const { stdout } = await promisify(execFile)("ps", ["-axo", "pgid=,rss="]);
  for (const line of stdout.split("\n")) {
    const [group, resident] = line.trim().split(/\s+/).map(Number);
    if (group === undefined || resident === undefined) continue;
    groups.set(group, (groups.get(group) ?? 0) + resident * 1024);
  }
  return groups;
}
