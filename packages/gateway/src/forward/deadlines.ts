import { Bag, type Clock, type Place } from "@slipway/base";

/** Who waits for a deadline. */
export interface DeadlineWaiter {
  timeOut(): void;
}

/** A deadline that is waited for. */
export interface Watch {
  /** It does not matter any more. */
  forget(): void;
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
    return step.add(at, waiter);
  }

  /** Tells nobody any more. */
  close(): void {
    for (const step of this.steps.values()) step.cancelBegin();
    this.steps.clear();
  }
}

/** Deadlines close to each other. */
class Step {
  cancelBegin: () => void = () => {};
  readonly clock: Clock;
  /** Until it has begun. Then each has a timer. */
  readonly waiting = new Bag<Deadline>();
  private begun = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(at: number, waiter: DeadlineWaiter): Watch {
    const deadline = new Deadline(this, at, waiter);
    if (this.begun) deadline.begin();
    else deadline.place = this.waiting.add(deadline);
    return deadline;
  }

  begin(): void {
    this.begun = true;
    for (const deadline of this.waiting.items()) deadline.begin();
    this.waiting.clear();
  }
}

class Deadline implements Watch {
  place: Place<Deadline> | undefined = undefined;
  private readonly step: Step;
  private readonly at: number;
  private readonly waiter: DeadlineWaiter;
  private cancel: (() => void) | undefined = undefined;

  constructor(step: Step, at: number, waiter: DeadlineWaiter) {
    this.step = step;
    this.at = at;
    this.waiter = waiter;
  }

  begin(): void {
    const { clock } = this.step;
    this.cancel = clock.after(Math.max(0, this.at - clock.monotonic()), () => this.waiter.timeOut());
  }

  forget(): void {
    if (this.cancel !== undefined) this.cancel();
    else if (this.place !== undefined) this.step.waiting.remove(this.place);
  }
}
