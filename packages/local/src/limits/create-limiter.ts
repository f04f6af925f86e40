import type { Clock } from "@slipway/base";
import type { ResourceLimits } from "../host/process-spec.ts";
import { ControlGroup, groupNames } from "./control-group.ts";
import { findControlGroups } from "./control-groups.ts";
import type { LimitedProcess, Limiter } from "./limiter.ts";
import { MemoryWatch, type WatchedGroup } from "./memory-watch.ts";
import { groupName, type OpenGroups, openGroups } from "./open-groups.ts";

/** How a limiter is made. */
export interface LimiterOptions {
  /** Distinguishes this home's control groups from those of others: `slipway-NAME`. */
  readonly name: string;
  readonly clock: Clock;
  /** `process` does without control groups even where they could be had. Default `best`. */
  readonly means?: "best" | "process";
}

const removeRetryMs = 100;
const removeRetries = 50;

/** The best limiter for this machine: control groups where they are permitted, otherwise memory is watched and CPU is not limited. */
export function createLimiter(options: LimiterOptions): Limiter {
  const parents = options.means === "process" ? {} : findControlGroups(`slipway-${options.name}`);
  const watch = new MemoryWatch(options.clock);
  const cleanups = new Set<() => void>();

  const remove = (group: ControlGroup, tries = removeRetries) => {
    if (group.remove() || tries === 0) return;
    // The kernel keeps a group busy until its killed processes are gone.
    const cancel = options.clock.after(removeRetryMs, () => {
      cleanups.delete(cancel);
      remove(group, tries - 1);
    });
    cleanups.add(cancel);
  };

  return {
    text: describe({ cpu: 1, memoryBytes: 1 }, { memory: parents.memory !== undefined, cpu: parents.cpu !== undefined }) ?? "",
    prepare: (id, limits) => limitedProcess(limits, openGroups(id, limits, parents, "make"), watch, remove),
    adopt(id, limits, pid) {
      const limited = limitedProcess(limits, openGroups(id, limits, parents, "existing"), watch, remove);
      limited.attach(pid);
      return limited;
    },
    sweep(ids) {
      const keep = new Set([...ids].map(groupName));
      for (const parent of [parents.memory, parents.cpu]) {
        for (const name of parent === undefined ? [] : groupNames(parent)) {
          if (!keep.has(name)) new ControlGroup(parent!, name).remove();
        }
      }
    },
    close() {
      watch.close();
      for (const cancel of cleanups) cancel();
    },
  };
}

function limitedProcess(
  limits: ResourceLimits,
  groups: OpenGroups,
  watch: MemoryWatch,
  remove: (group: ControlGroup) => void,
): LimitedProcess {
  let watched: WatchedGroup | undefined;
  const refused = new Set<ControlGroup | undefined>([undefined]);
  return {
    get text() {
      return describe(limits, { memory: !refused.has(groups.memory), cpu: !refused.has(groups.cpu) });
    },
    attach(pid) {
      for (const group of groups.all) {
        if (!group.add(pid)) refused.add(group);
      }
      if (limits.memoryBytes !== undefined && refused.has(groups.memory)) watched = watch.watch(pid, limits.memoryBytes);
    },
    outOfMemory: () => watched?.killed === true || (groups.memory?.oomKills() ?? 0) > 0,
    release() {
      watched?.end();
      for (const group of groups.all) remove(group);
    },
  };
}

/** Control looks at the first word: `cgroup` means that the kernel enforces all of the limits. */
function describe(limits: ResourceLimits, by: { readonly memory: boolean; readonly cpu: boolean }): string | undefined {
  const parts: string[] = [];
  if (limits.memoryBytes !== undefined) parts.push(by.memory ? "memory" : "memory watched");
  if (limits.cpu !== undefined) parts.push(by.cpu ? "cpu" : "cpu not limited");
  if (parts.length === 0) return undefined;
  if (!parts.some((part) => part.includes(" "))) return `cgroup: ${parts.join(" and ")}`;
  return `process: ${parts.map((part) => (part.includes(" ") ? part : `${part} by cgroup`)).join(", ")}`;
}
