import { type Clock, systemClock } from "@slipway/base";

/** The machine's clock for whoever asks the time; waits are over at once and remembered, alarms ring when the test says so. */
export class ImpatientClock implements Clock {
  /** Every wait, in milliseconds. */
  readonly waits: number[] = [];
  private readonly alarms = new Set<() => void>();

  now(): number {
    return systemClock.now();
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  after(_ms: number, callback: () => void): () => void {
    this.alarms.add(callback);
    return () => this.alarms.delete(callback);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.waits.push(ms);
  }

  /** Rings every alarm that is set; says how many there were. */
  ring(): number {
    const due = [...this.alarms];
    this.alarms.clear();
    for (const alarm of due) alarm();
    return due.length;
  }
}
