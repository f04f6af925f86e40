import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import type { ResourceLimits } from "../host/process-spec.ts";
import { ControlGroup } from "./control-group.ts";
import type { ControlGroupParent } from "./control-group-parent.ts";
import type { ControlGroups } from "./control-groups.ts";

/** The control groups of one process. */
export interface OpenGroups {
  /** Set when it limits memory. */
  readonly memory?: ControlGroup;
  /** Set when it limits CPU; in version 2 the same group. */
  readonly cpu?: ControlGroup;
  readonly all: ReadonlySet<ControlGroup>;
}

/** Makes the groups for the limits asked for and sets them, or finds those that another supervisor made. What the system refuses is left out. */
export function openGroups(id: string, limits: ResourceLimits, parents: ControlGroups, how: "make" | "existing"): OpenGroups {
  const all = new Map<string, ControlGroup>();
  const limited = (parent: ControlGroupParent | undefined, set: (group: ControlGroup) => void): ControlGroup | undefined => {
    if (parent === undefined) return undefined;
    const known = all.get(parent.directory);
    const group = known ?? new ControlGroup(parent, groupName(id));
    try {
      if (how === "make") {
        if (known === undefined) group.make();
        set(group);
      } else if (!existsSync(group.directory)) {
        return undefined;
      }
    } catch {
      if (known === undefined) group.remove();
      return undefined;
    }
    all.set(parent.directory, group);
    return group;
  };
  const { memoryBytes, cpu } = limits;
  const memory = memoryBytes === undefined ? undefined : limited(parents.memory, (group) => group.limitMemory(memoryBytes));
  const processor = cpu === undefined ? undefined : limited(parents.cpu, (group) => group.limitCpu(cpu));
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(processor === undefined ? {} : { cpu: processor }),
    all: new Set(all.values()),
  };
}

/** The name of a process's group: a file name of at most 200 characters for any id. */
export function groupName(id: string): string {
  const plain = id.replaceAll("/", ".");
  return plain.length <= 200 ? plain : createHash("sha256").update(id).digest("hex");
}
