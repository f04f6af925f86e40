import type { Clock } from "@slipway/base";

/** Who waits for a deadline. */
export interface DeadlineWaiter {
  timeOut(): void;
}

/** A deadline that is waited for. */
export interface Watch {
  /** It does not matter any more. */
  forget(waiter: DeadlineWaiter): void;
}

/** Deadlines within this many milliseconds of each other share a timer until shortly before the first of them. */
const stepMs = 250;

/** Deadlines of requests, to the millisecond. Nearly all are forgotten long before they come, so they have no timers of their own until they are near. */
export class Deadlines {
  private readonly clock: Clock;
  private readonly steps = new Map<number, Step>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Tells the waiter once when `at` has come, on the monotonic clock. */
  watch(at: number, waiter: DeadlineWaiter): Watch {
    const { clock, steps } = this;
    const begins = Math.floor(at / stepMs) * stepMs;
    let step = steps.get(begins);
    if (step === undefined) {
      const left = begins - clock.monotonic();
      step = new Step(clock);
      if (left > 0) {
        const made = step;
        steps.set(begins, made);
        made.cancelBegin = clock.after(left, () => {
          steps.delete(begins);
          made.begin();
        });
      } else step.begin();
    }
    step.add(at, waiter);
    return step;
  }

  /** Tells nobody any more. */
  close(): void {
    for (const step of this.steps.values()) step.cancelBegin();
    this.steps.clear();
  }
}

/** Deadlines close to each other. */
class Step implements Watch {
  cancelBegin: () => void = () => {};
  private readonly clock: Clock;
  private readonly waiting = new Map<DeadlineWaiter, number>();
  /** Once begun, each has a timer. */
  private timers: Map<DeadlineWaiter, () => void> | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(at: number, waiter: DeadlineWaiter): void {
    if (this.timers === undefined) this.waiting.set(waiter, at);
    else this.time(at, waiter, this.timers);
  }

  begin(): void {
    const timers = new Map<DeadlineWaiter, () => void>();
    this.timers = timers;
    for (const [waiter, at] of this.waiting) this.time(at, waiter, timers);
    this.waiting.clear();
  }

  forget(waiter: DeadlineWaiter): void {
    if (this.timers === undefined) {
      this.waiting.delete(waiter);
      return;
    }
    this.timers.get(waiter)?.();
    this.timers.delete(waiter);
  }

  private time(at: number, waiter: DeadlineWaiter, timers: Map<DeadlineWaiter, () => void>): void {
    const cancel = this.clock.after(Math.max(0, at - this.clock.monotonic()), () => {
      timers.delete(waiter);
      waiter.timeOut();
    });
    timers.set(waiter, cancel);
  }
}
