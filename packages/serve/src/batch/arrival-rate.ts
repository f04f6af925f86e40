/** Rows that come per millisecond, of late. */
export class ArrivalRate {
  private readonly memoryMs: number;
  private rate = 0;
  private lastAt = 0;

  /** What is longer ago than `memoryMs` counts little. */
  constructor(memoryMs: number) {
    this.memoryMs = memoryMs;
  }

  record(now: number, size: number): void {
    this.rate = this.at(now) + size / this.memoryMs;
    this.lastAt = now;
  }

  at(now: number): number {
    return this.rate * Math.exp((this.lastAt - now) / Math.max(1, this.memoryMs));
  }
}
