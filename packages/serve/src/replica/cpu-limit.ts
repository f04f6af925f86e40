import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

/** Where a process's CPUs are limited; tests give others. */
export interface CpuSources {
  /** The text of a file, undefined when it cannot be read. */
  readonly read: (path: string) => string | undefined;
  /** CPUs the process may run on. */
  readonly available: number;
  /** CPUs of the machine. */
  readonly present: number;
}

/** Cores that this process may use, e.g. 0.5: the least quota of its control group and those above it (versions 1 and 2), and the CPUs it is bound to; undefined when nothing limits it. A container's limit is one of these; its host's cores are not. */
export function cpuLimit(sources: CpuSources = machine()): number | undefined {
  const limits = sources.available < sources.present ? [sources.available] : [];
  for (const line of (sources.read("/proc/self/cgroup") ?? "").split("\n")) {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    for (const group of upwards(path)) {
      if (controllers === "") limits.push(quota(sources.read(`/sys/fs/cgroup${group}/cpu.max`)));
      else if (controllers.split(",").includes("cpu")) limits.push(versionOne(sources, `/sys/fs/cgroup/cpu${group}`));
    }
  }
  const least = Math.min(...limits);
  return Number.isFinite(least) ? least : undefined;
}

/** `/a/b`, `/a` and the empty path of the root. A container that does not see its own path finds its group at the root. */
function upwards(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return path === "" ? [] : [...parts.map((_, index) => `/${parts.slice(0, parts.length - index).join("/")}`), ""];
}

function versionOne({ read }: CpuSources, folder: string): number {
  return quota(`${read(`${folder}/cpu.cfs_quota_us`)?.trim() ?? "-1"} ${read(`${folder}/cpu.cfs_period_us`)?.trim() ?? ""}`);
}

/** `QUOTA PERIOD` in microseconds; `max` and -1 are no limit. */
function quota(text: string | undefined): number {
  const [used, period] = (text ?? "").trim().split(/\s+/).map(Number);
  return used !== undefined && period !== undefined && used > 0 && period > 0 ? used / period : Number.POSITIVE_INFINITY;
}

function machine(): CpuSources {
  const read = (path: string) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  };
  return { read, available: availableParallelism(), present: cpus().length };
}
