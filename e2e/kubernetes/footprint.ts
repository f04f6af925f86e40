import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";
import type { ProcessId } from "../cluster/index.ts";
import { identify, kubeconfigPath, must, readState } from "../cluster/index.ts";

/** What the host has of things that a cluster could leave behind; one line each. */
export interface HostFootprint {
  readonly mounts: readonly string[];
  readonly rules: readonly string[];
  readonly routes: readonly string[];
  readonly controlGroups: readonly string[];
  readonly namedNamespaces: readonly string[];
  readonly kernelSettings: readonly string[];
}

const settings = ["vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "kernel/hostname"];

/** Where a cluster mounts things; other tests, which may run at the same time, mount theirs in temporary folders. */
const places = ["/run/", "/var/lib/", "/var/run/", "/var/log/", "/proc", "/sys", dirname(kubeconfigPath)];

/** The host as it is now. */
export async function hostFootprint(): Promise<HostFootprint> {
  const text = (path: string) => readFileSync(path, "utf8");
  return {
    mounts: text("/proc/self/mounts")
      .split("\n")
      .filter((line) => places.some((place) => line.split(" ")[1]?.startsWith(place)))
      .sort(),
    rules: (await must("iptables-save", [])).split("\n").filter((line) => line.startsWith("-A") || line.startsWith(":")),
    routes: (await must("ip", ["route", "show", "table", "all"])).split("\n").filter((line) => /10\.213\.|slipway0/.test(line)),
    controlGroups: text("/proc/self/mounts")
      .split("\n")
      .filter((line) => / cgroup2? /.test(line))
      .flatMap((line) => readdirSync(line.split(" ")[1]!).filter((name) => name.startsWith("slipway-cluster"))),
    namedNamespaces: (await must("ip", ["netns", "list"])).split("\n").filter((line) => line !== ""),
    kernelSettings: settings.map((name) => `${name}=${text(`/proc/sys/${name}`).trim()}`),
  };
}

/** Every process of the cluster that is up: those in its machines' process-id namespaces, pods' included, and what waits for them. */
export function clusterProcesses(): ProcessId[] {
  const state = readState();
  if (state === undefined) return [];
  const waiting = [...state.machines, ...state.components].map(({ parent }) => parent);
  const inits = new Set(state.machines.map(({ init }) => init.pid));
  const parentOf = new Map(allPids().map((pid) => [pid, parentPid(pid)]));
  const inside = [...parentOf.keys()].filter((pid) => descends(pid, inits, parentOf) || sharesMachine(pid, state.machines));
  return [...waiting, ...inside.map(identify).filter((id) => id !== undefined)];
}

function sharesMachine(pid: number, machines: readonly { init: ProcessId }[]): boolean {
  const own = namespace(pid);
  return own !== undefined && machines.some(({ init }) => namespace(init.pid) === own);
}

/** Containers have process-id namespaces of their own, but their shims end up as children of their machine's first process. */
function descends(pid: number, ancestors: ReadonlySet<number>, parentOf: ReadonlyMap<number, number>): boolean {
  for (let each: number | undefined = pid; each !== undefined && each > 1; each = parentOf.get(each)) {
    if (ancestors.has(each)) return true;
  }
  return false;
}

function namespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

function allPids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

function parentPid(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}
