import { SlipwayError } from "@slipway/base";

interface Waiter {
  admit(): void;
  refuse(error: SlipwayError): void;
}

/** Lets a number of requests run at the same time; the others wait in the order they came, up to a limit. */
export class LlamaAdmission {
  private readonly places: number;
  private readonly capacity: number;
  private readonly waiting = new Set<Waiter>();
  private readonly idlers: (() => void)[] = [];
  private running = 0;
  private stopped: SlipwayError | undefined;

  constructor(places: number, capacity: number) {
    this.places = places;
    this.capacity = capacity;
  }

  /** Requests that wait or run. */
  get inflight(): number {
    return this.running + this.waiting.size;
  }

  /** Resolves, when a place is free, with how to give it back. Throws `overloaded` at once when too many wait, and what `signal` aborts with. */
  async enter(signal: AbortSignal): Promise<() => void> {
    if (this.stopped !== undefined) throw this.stopped;
    if (signal.aborted) throw SlipwayError.from(signal.reason);
    if (this.running < this.places) this.running += 1;
    else await this.wait(signal);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.leave();
    };
  }

  /** Refuses everybody who waits, and whoever comes later. */
  stop(reason: SlipwayError): void {
    this.stopped = reason;
    for (const waiter of [...this.waiting]) waiter.refuse(reason);
  }

  /** Resolves when nobody waits or runs. */
  idle(): Promise<void> {
    return this.inflight === 0 ? Promise.resolve() : new Promise((resolve) => this.idlers.push(resolve));
  }

  private async wait(signal: AbortSignal): Promise<void> {
    if (this.waiting.size >= this.capacity)
      throw new SlipwayError("overloaded", "Too many requests wait for this model.", { retryAfter: 1, hint: "Try again." });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { admit: resolve, refuse: reject };
    const leave = () => reject(SlipwayError.from(signal.reason));
    this.waiting.add(waiter);
    signal.addEventListener("abort", leave);
    try {
      await promise;
    } catch (error) {
      this.waiting.delete(waiter);
      this.tellIdle();
      throw error;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  private leave(): void {
    const [next] = this.waiting;
    if (next === undefined) this.running -= 1;
    else {
      this.waiting.delete(next);
      next.admit();
    }
    this.tellIdle();
  }

  private tellIdle(): void {
    if (this.inflight > 0) return;
    for (const resolve of this.idlers.splice(0)) resolve();
  }
}
