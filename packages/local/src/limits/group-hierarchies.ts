import { existsSync } from "node:fs";
import { join, relative } from "node:path";

/** A mounted hierarchy of control groups. */
export interface GroupHierarchy {
  readonly version: 1 | 2;
  /** Path in the hierarchy that the mount shows. */
  readonly root: string;
  /** Where it is mounted. */
  readonly directory: string;
  /** Of version 1, e.g. `memory` and `cpu`. */
  readonly controllers: readonly string[];
}

/** The control group file systems in the text of /proc/self/mountinfo, proc_pid_mountinfo(5). */
export function parseHierarchies(mountinfo: string): GroupHierarchy[] {
  return mountinfo.split("\n").flatMap((line): GroupHierarchy[] => {
    const [before, after] = line.split(" - ");
    if (before === undefined || after === undefined) return [];
    const [, , , root, directory] = before.split(" ");
    const [type, , options] = after.split(" ");
    if (root === undefined || directory === undefined || (type !== "cgroup" && type !== "cgroup2")) return [];
    return [{ version: type === "cgroup2" ? 2 : 1, root, directory, controllers: (options ?? "").split(",") }];
  });
}

/** Controller (empty text for version 2) → path of the group, from the text of /proc/self/cgroup, cgroups(7). */
export function parseMembership(cgroup: string): Map<string, string> {
  const groups = new Map<string, string>();
  for (const line of cgroup.split("\n")) {
    const [, controllers, ...path] = line.split(":");
    for (const controller of controllers?.split(",") ?? []) groups.set(controller, path.join(":"));
  }
  return groups;
}

/** The directory of a group. In a container the text may name the host's path, which the mount does not show: then it is the mount itself. */
export function groupDirectory(hierarchy: GroupHierarchy, path: string): string {
  const directory = join(hierarchy.directory, relative(hierarchy.root, path));
  return directory.startsWith(hierarchy.directory) && existsSync(directory) ? directory : hierarchy.directory;
}
