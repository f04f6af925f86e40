import { readdirSync, readFileSync } from "node:fs";
import type { Pod } from "./installation.ts";

/** The host's process id of the program that a pod of our own cluster runs; its nodes are namespaces of this machine. */
export function processOf(pod: Pod, role: "cluster-replica" | "cluster-gateway" | "cluster-operator"): number {
  const found = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isOf(name, pod, role));
  if (found.length !== 1) throw new Error(`${found.length} processes ${role} in pod ${pod.metadata.name}`);
  return Number(found[0]);
}

function isOf(pid: string, pod: Pod, role: string): boolean {
  try {
    // kubelet's groups are called after the pod's uid, with dashes or, in systemd's spelling, underscores.
    const groups = readFileSync(`/proc/${pid}/cgroup`, "utf8").replaceAll("_", "-");
    if (!groups.includes(`pod${pod.metadata.uid}`)) return false;
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(role);
  } catch {
    return false;
  }
}
