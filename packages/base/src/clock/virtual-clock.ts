import type { Clock, Instant } from "./clock.ts";

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that moves only when told to: tests walk hours in microseconds. */
export class VirtualClock implements Clock {
  private elapsed = 0;
  private order = 0;
  private pending: Pending[] = [];
  private readonly epoch: Instant;

  constructor(epoch: Instant = Date.parse("2026-01-01T00:00:00Z")) {
    this.epoch = epoch;
  }

  now(): Instant {
    return this.epoch + this.elapsed;
  }

  monotonic(): number {
    return this.elapsed;
  }

  after(ms: number, callback: () => void): () => void {
    const entry: Pending = { at: this.elapsed + Math.max(0, ms), order: this.order++, callback };
    this.pending.push(entry);
    return () => {
      this.pending = this.pending.filter((other) => other !== entry);
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const cancel = this.after(ms, resolve);
      signal?.addEventListener(
        "abort",
        () => {
          cancel();
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  /** Moves time forward, firing what falls due in order and letting promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.elapsed + ms;
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const next = this.pending.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.pending = this.pending.filter((entry) => entry !== next);
      this.elapsed = next.at;
      next.callback();
    }
    this.elapsed = end;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
