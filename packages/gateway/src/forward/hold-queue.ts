import { type Clock, SlipwayError } from "@slipway/base";

/** What may wait. */
export interface HoldLimits {
  /** Requests of one model. */
  readonly perModel: number;
  /** Bytes of kept bodies of all waiting requests. */
  readonly bytes: number;
  /** Longest wait in milliseconds. */
  readonly ms: number;
}

/** Bounds that a laptop can carry. */
export const defaultHoldLimits: HoldLimits = { perModel: 256, bytes: 64 * 1024 * 1024, ms: 30_000 };

/** A request that waits for a replica of its model. */
export interface Waiter {
  /** Bytes it keeps in memory. */
  readonly bytes: number;
  /** Try again now; may wait once more. */
  released(): void;
  /** It waited as long as a request may. */
  expired(): void;
}

/** Requests that wait, in the order they came, for a replica of their model to be ready. */
export class HoldQueue {
  private readonly clock: Clock;
  private readonly limits: HoldLimits;
  /** By model, each waiter with how to end its wait. */
  private readonly queues = new Map<string, Map<Waiter, () => void>>();
  private bytes = 0;
  private count = 0;

  constructor(clock: Clock, limits: HoldLimits) {
    this.clock = clock;
    this.limits = limits;
  }

  /** Requests that wait now. */
  get waiting(): number {
    return this.count;
  }

  /** Lets a request of a model wait until `until` on the monotonic clock at the latest. Throws `overloaded` when there is no room. */
  hold(model: string, waiter: Waiter, until: number): void {
    const queue = this.queues.get(model) ?? new Map<Waiter, () => void>();
    if (queue.size >= this.limits.perModel || this.bytes + waiter.bytes > this.limits.bytes) {
      throw new SlipwayError("overloaded", "Too many requests wait for a replica of this model.", {
        retryAfter: 1,
        hint: "Send it again later.",
      });
    }
    this.queues.set(model, queue);
    const cancelExpiry = this.clock.after(Math.max(0, until - this.clock.monotonic()), () => {
      this.leave(model, waiter);
      waiter.expired();
    });
    queue.set(waiter, cancelExpiry);
    this.bytes += waiter.bytes;
    this.count += 1;
  }

  /** Takes a request out without telling it. */
  leave(model: string, waiter: Waiter): void {
    const queue = this.queues.get(model);
    const cancelExpiry = queue?.get(waiter);
    if (queue === undefined || cancelExpiry === undefined) return;
    cancelExpiry();
    queue.delete(waiter);
    if (queue.size === 0) this.queues.delete(model);
    this.bytes -= waiter.bytes;
    this.count -= 1;
  }

  /** Lets every waiting request try again, the longest waiting first. */
  releaseAll(): void {
    for (const [model, queue] of [...this.queues]) {
      for (const waiter of [...queue.keys()]) {
        this.leave(model, waiter);
        waiter.released();
      }
    }
  }
}
