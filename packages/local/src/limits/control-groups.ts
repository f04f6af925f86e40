import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { ControlGroup } from "./control-group.ts";
import type { ControlGroupParent } from "./control-group-parent.ts";
import { findDelegation } from "./delegation.ts";
import { type GroupHierarchy, groupDirectory, parseHierarchies, parseMembership } from "./group-hierarchies.ts";

/** Which resources can be limited by control groups here. */
export interface ControlGroups {
  readonly memory?: ControlGroupParent;
  readonly cpu?: ControlGroupParent;
}

/** Looks for control groups named `name` that this process may make: version 2 where it is delegated, otherwise version 1. Leaves nothing behind. */
export function findControlGroups(name: string): ControlGroups {
  if (process.platform !== "linux") return {};
  try {
    const hierarchies = parseHierarchies(readFileSync("/proc/self/mountinfo", "utf8"));
    const own = parseMembership(readFileSync("/proc/self/cgroup", "utf8"));
    const unified = hierarchies.find(({ version }) => version === 2);
    const delegated = unified === undefined ? {} : versionTwo(unified, own.get("") ?? "/", name);
    const memory = delegated.memory ?? versionOne(hierarchies, "memory", own.get("memory") ?? "/", name);
    const cpu = delegated.cpu ?? versionOne(hierarchies, "cpu", own.get("cpu") ?? "/", name);
    return { ...(memory === undefined ? {} : { memory }), ...(cpu === undefined ? {} : { cpu }) };
  } catch {
    // An unusual /proc or /sys only means that the process limits are used.
    return {};
  }
}

/** Version 1 allows groups below the own one, processes in it or not: limits from outside stay in force. */
function versionOne(
  hierarchies: readonly GroupHierarchy[],
  controller: string,
  group: string,
  name: string,
): ControlGroupParent | undefined {
  const hierarchy = hierarchies.find(({ version, controllers }) => version === 1 && controllers.includes(controller));
  if (hierarchy === undefined) return undefined;
  return proven({ version: 1, directory: join(groupDirectory(hierarchy, group), name), controllers: [] });
}

function versionTwo(hierarchy: GroupHierarchy, group: string, name: string): ControlGroups {
  const delegation = findDelegation(groupDirectory(hierarchy, group), hierarchy.directory);
  if (delegation === undefined) return {};
  const { directory, controllers } = delegation;
  const parent = proven({ version: 2, directory: join(directory, name), controllers });
  if (parent === undefined) return {};
  return { memory: parent, ...(controllers.includes("cpu") ? { cpu: parent } : {}) };
}

/** The parent, if a group can be made in it. */
function proven(parent: ControlGroupParent): ControlGroupParent | undefined {
  const probe = new ControlGroup(parent, "probe");
  try {
    probe.make();
    accessSync(join(probe.directory, "cgroup.procs"), constants.W_OK);
    return parent;
  } catch {
    return undefined;
  } finally {
    probe.remove();
  }
}
