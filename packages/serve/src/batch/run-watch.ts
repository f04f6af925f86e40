import type { Clock } from "@slipway/base";

/** How often runs are looked at, and for how many looks in a row nobody may wait for one. */
const lookMs = 5_000;
const stuckLooks = 2;

/** Looks at the runs in progress now and then. One timer for all: a short run must not pay for one of its own. */
export class RunWatch {
  private readonly clock: Clock;
  private readonly onStuck: () => void;
  /** For each run whether anybody waits for it, and how many looks in a row nobody did. */
  private readonly runs = new Map<() => boolean, { looks: number; readonly onStuck: () => void }>();
  private cancel: (() => void) | undefined;

  /** `onStuck` is called once for each run that nobody has waited for for five to ten seconds. */
  constructor(clock: Clock, onStuck: () => void) {
    this.clock = clock;
    this.onStuck = onStuck;
  }

  /** From now on a run is looked at; `abandoned` tells whether nobody waits for it any more. A run may have an `onStuck` of its own. */
  begin(abandoned: () => boolean, onStuck: () => void = this.onStuck): void {
    this.runs.set(abandoned, { looks: 0, onStuck });
    this.cancel ??= this.clock.after(lookMs, () => this.look());
  }

  end(abandoned: () => boolean): void {
    this.runs.delete(abandoned);
  }

  /** Looks no more until the next run begins: a timer would keep the process alive. */
  rest(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  private look(): void {
    this.cancel = this.runs.size === 0 ? undefined : this.clock.after(lookMs, () => this.look());
    for (const [abandoned, run] of this.runs) {
      run.looks = abandoned() ? run.looks + 1 : 0;
      if (run.looks === stuckLooks) run.onStuck();
    }
  }
}
