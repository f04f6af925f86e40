import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A group of version 2 in which groups with these controllers can be made. */
export interface Delegation {
  readonly directory: string;
  readonly controllers: readonly string[];
}

/**
 * The nearest of a group and its ancestors that hands memory down (and cpu, if it can) and that this user may change. A group of
 * version 2 that has processes has no limited groups below it, so it is hardly ever the own one. An ancestor with a limit of its own
 * ends the climb: to leave it would be to escape that limit.
 */
export function findDelegation(own: string, mount: string): Delegation | undefined {
  for (let at = own; ; at = dirname(at)) {
    const given = handedDown(at);
    const controllers = ["memory", "cpu"].filter((controller) => given.includes(controller));
    if (controllers.includes("memory") && mayChange(at)) return { directory: at, controllers };
    if (at === mount || !at.startsWith(mount) || hasLimit(at)) return undefined;
  }
}

function handedDown(group: string): string[] {
  const file = join(group, "cgroup.subtree_control");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split(" ") : [];
}

function hasLimit(group: string): boolean {
  return ["memory.max", "cpu.max"].some((file) => {
    const path = join(group, file);
    return existsSync(path) && !readFileSync(path, "utf8").startsWith("max");
  });
}

function mayChange(group: string): boolean {
  try {
    // To make a group needs the directory, to move a process the cgroup.procs of the common ancestor.
    accessSync(group, constants.W_OK);
    accessSync(join(group, "cgroup.procs"), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
