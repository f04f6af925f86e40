import type { Clock } from "@slipway/base";

/** Header lines with the date, made once a second. */
export class DatedLines {
  private readonly clock: Clock;
  private readonly rest: string;
  private madeAt = Number.NEGATIVE_INFINITY;
  private made = "";

  /** `rest` stands behind the date, each line with its end. */
  constructor(clock: Clock, rest: string) {
    this.clock = clock;
    this.rest = rest;
  }

  get lines(): string {
    const now = this.clock.monotonic();
    if (now - this.madeAt >= 1_000) {
      this.madeAt = now;
      this.made = `date: ${new Date(this.clock.now()).toUTCString()}\r\n${this.rest}`;
    }
    return this.made;
  }
}
