import type { Clock } from "@slipway/base";
import { signalProcess } from "../processes/end-processes.ts";
import { groupMemory } from "../processes/group-memory.ts";

/** A process group under watch. */
export interface WatchedGroup {
  /** Whether the watch has killed it. */
  readonly killed: boolean;
  end(): void;
}

interface Watched {
  readonly leader: number;
  readonly bytes: number;
  killed: boolean;
  end(): void;
}

const periodMs = 500;

/** Where no control group can be had: reads every half second what process groups use and kills those above their limit. */
export class MemoryWatch {
  private readonly clock: Clock;
  private readonly groups = new Set<Watched>();
  private cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Watches the process group of `leader` from now on. */
  watch(leader: number, bytes: number): WatchedGroup {
    const group: Watched = { leader, bytes, killed: false, end: () => this.groups.delete(group) };
    this.groups.add(group);
    this.cancel ??= this.clock.after(periodMs, () => void this.look());
    return group;
  }

  close(): void {
    this.groups.clear();
    this.cancel?.();
    this.cancel = undefined;
  }

  private async look(): Promise<void> {
    // A reading that fails is made good by the next one.
    const used = await groupMemory().catch(() => new Map<number, number>());
    for (const group of this.groups) {
      if ((used.get(group.leader) ?? 0) <= group.bytes) continue;
      group.killed = true;
      signalProcess(-group.leader, "SIGKILL");
    }
    this.cancel = this.groups.size === 0 ? undefined : this.clock.after(periodMs, () => void this.look());
  }
}
