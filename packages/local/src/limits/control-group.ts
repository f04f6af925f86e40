import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ControlGroupParent } from "./control-group-parent.ts";

const periodMicroseconds = 100_000;
/** The kernel's smallest quota: 1 ms of every period. */
const leastQuota = 1_000;

/** The control group of one process, in one hierarchy. */
export class ControlGroup {
  readonly directory: string;
  private readonly parent: ControlGroupParent;
  private readonly version: 1 | 2;
  private killsBefore = 0;

  constructor(parent: ControlGroupParent, name: string) {
    this.parent = parent;
    this.version = parent.version;
    this.directory = join(parent.directory, name);
  }

  /** Makes the group, or uses the one that a process of the same name has just left. Throws when the system refuses. */
  make(): void {
    const { directory, controllers } = this.parent;
    this.remove();
    makeIfMissing(directory);
    if (this.version === 2)
      writeFileSync(join(directory, "cgroup.subtree_control"), controllers.map((name) => `+${name}`).join(" "));
    makeIfMissing(this.directory);
    this.killsBefore = this.countKills();
  }

  /** Memory, swap included: a model that swaps is as good as dead. */
  limitMemory(bytes: number): void {
    if (this.version === 1) {
      this.write("memory.limit_in_bytes", bytes);
      this.writeIfThere("memory.memsw.limit_in_bytes", bytes);
      return;
    }
    this.write("memory.max", bytes);
    this.writeIfThere("memory.swap.max", 0);
    // A worker without its helper processes is of no use: they end together.
    this.writeIfThere("memory.oom.group", 1);
  }

  limitCpu(cores: number): void {
    const quota = Math.max(leastQuota, Math.round(cores * periodMicroseconds));
    if (this.version === 2) {
      this.write("cpu.max", `${quota} ${periodMicroseconds}`);
      return;
    }
    this.write("cpu.cfs_period_us", periodMicroseconds);
    this.write("cpu.cfs_quota_us", quota);
  }

  /** Moves a process here, with all it will start; false when the system refuses. A process that has ended meanwhile needs no limit. */
  add(pid: number): boolean {
    try {
      this.write("cgroup.procs", pid);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ESRCH";
    }
  }

  /** How many processes of the group the kernel has killed for memory. */
  oomKills(): number {
    return this.countKills() - this.killsBefore;
  }

  /** Removes the group, and its parent with the last of its groups; false while it still has processes, dying ones included. */
  remove(): boolean {
    tryRemove(this.directory);
    tryRemove(this.parent.directory);
    return !existsSync(this.directory);
  }

  private countKills(): number {
    const file = this.version === 1 ? "memory.oom_control" : "memory.events";
    try {
      const count = /^oom_kill (\d+)$/m.exec(readFileSync(join(this.directory, file), "utf8"))?.[1];
      return Number(count ?? 0);
    } catch {
      return 0;
    }
  }

  private write(file: string, value: string | number): void {
    writeFileSync(join(this.directory, file), String(value));
  }

  private writeIfThere(file: string, value: number): void {
    try {
      if (existsSync(join(this.directory, file))) this.write(file, value);
    } catch {
      // Kernels without swap accounting have the file and refuse to use it.
    }
  }
}

/** The names of the groups that are there now. */
export function groupNames(parent: ControlGroupParent): string[] {
  if (!existsSync(parent.directory)) return [];
  return readdirSync(parent.directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

function makeIfMissing(directory: string): void {
  if (!existsSync(directory)) mkdirSync(directory);
}

function tryRemove(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // It is not there, or not empty.
  }
}
