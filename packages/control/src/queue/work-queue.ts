import { backoff, type Clock } from "@slipway/base";

/** How one piece of work ended: nothing more to do, look again later, or try again after a failure. */
export type Outcome = { readonly type: "done" } | { readonly type: "after"; readonly ms: number } | { readonly type: "retry" };

interface Entry<T> {
  readonly item: T;
  state: "waiting" | "running" | "idle";
  again: boolean;
  failures: number;
  cancelTimer: (() => void) | undefined;
}

/** Work by key: one run of a key at a time, repeats while it runs folded into one, failures retried with back-off per key. */
export class WorkQueue<T> {
  private readonly entries = new Map<string, Entry<T>>();
  private readonly ready: string[] = [];
  private running = 0;
  private stopped = false;
  private idleWaiters: (() => void)[] = [];
  private readonly options: {
    readonly clock: Clock;
    readonly concurrency: number;
    readonly keyOf: (item: T) => string;
    readonly work: (item: T) => Promise<Outcome>;
  };

  constructor(options: {
    readonly clock: Clock;
    readonly concurrency: number;
    readonly keyOf: (item: T) => string;
    readonly work: (item: T) => Promise<Outcome>;
  }) {
    this.options = options;
  }

  /** Asks for a run of this item soon, whatever timer it was waiting for. */
  add(item: T): void {
    if (this.stopped) return;
    const key = this.options.keyOf(item);
    const entry = this.entry(key, item);
    entry.cancelTimer?.();
    entry.cancelTimer = undefined;
    if (entry.state === "running") entry.again = true;
    else if (entry.state === "idle") {
      entry.state = "waiting";
      this.ready.push(key);
      this.pump();
    }
  }

  /** Resolves when nothing waits or runs; timers do not count. */
  idle(): Promise<void> {
    if (this.running === 0 && this.ready.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  /** Takes no more work; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.ready.length = 0;
    for (const entry of this.entries.values()) entry.cancelTimer?.();
    await this.idle();
  }

  private entry(key: string, item: T): Entry<T> {
    const found = this.entries.get(key);
    if (found !== undefined) return found;
    const entry: Entry<T> = { item, state: "idle", again: false, failures: 0, cancelTimer: undefined };
    this.entries.set(key, entry);
    return entry;
  }

  private pump(): void {
    while (this.running < this.options.concurrency && this.ready.length > 0) {
      const key = this.ready.shift()!;
      void this.run(key, this.entries.get(key)!);
    }
  }

  private async run(key: string, entry: Entry<T>): Promise<void> {
    this.running++;
    entry.state = "running";
    const outcome = await this.options.work(entry.item);
    this.running--;
    entry.state = "idle";
    this.settle(key, entry, outcome);
    this.pump();
    if (this.running === 0 && this.ready.length === 0) {
      for (const wake of this.idleWaiters.splice(0)) wake();
    }
  }

  private settle(key: string, entry: Entry<T>, outcome: Outcome): void {
    entry.failures = outcome.type === "retry" ? entry.failures + 1 : 0;
    if (this.stopped) return;
    if (entry.again) {
      entry.again = false;
      this.add(entry.item);
    } else if (outcome.type === "done") {
      this.entries.delete(key);
    } else {
      const ms = outcome.type === "after" ? outcome.ms : backoff(entry.failures, 100, 30_000);
      entry.cancelTimer = this.options.clock.after(ms, () => {
        entry.cancelTimer = undefined;
        this.add(entry.item);
      });
    }
  }
}
