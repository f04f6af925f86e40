import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../harness/eventually.ts";
import { cgroupName, nodes } from "./layout.ts";

/** Makes each node's control group in every hierarchy; kubelet wants it to be there, and puts all pods into it. */
export function makeCgroups(): void {
  for (const { folder, unified } of hierarchies()) {
    for (const node of nodes) {
      mkdirSync(join(folder, cgroupName, node.name), { recursive: true });
      if (unified) for (const parent of [folder, join(folder, cgroupName)]) delegate(parent);
    }
  }
}

/** Removes the cluster's control groups once their processes have ended. */
export async function removeCgroups(): Promise<void> {
  await eventually("the cluster's control groups are empty", 20, async () => {
    for (const folder of cgroupFolders()) removeTree(folder);
    return true;
  });
}

/** The cluster's top control group in each hierarchy where there is one. */
export function cgroupFolders(): string[] {
  return hierarchies()
    .map(({ folder }) => join(folder, cgroupName))
    .filter((folder) => existsSync(folder));
}

function hierarchies(): { folder: string; unified: boolean }[] {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, folder, type]) => (type === "cgroup" || type === "cgroup2") && folder!.startsWith("/sys/fs/cgroup"))
    .map(([, folder, type]) => ({ folder: folder!, unified: type === "cgroup2" }));
}

/** Version 2 gives a group only the controllers that its parent hands down. */
function delegate(folder: string): void {
  const controllers = readFileSync(join(folder, "cgroup.controllers"), "utf8").trim();
  if (controllers === "") return;
  const all = controllers.split(" ").map((name) => `+${name}`);
  writeFileSync(join(folder, "cgroup.subtree_control"), all.join(" "));
}

function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  }
  rmdirSync(folder);
}
