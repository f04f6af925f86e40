/** Counts values by size, in memory that is there from the beginning: observing one allocates nothing. */
export class Histogram {
  private readonly bounds: Float64Array;
  /** Of each bound, what is not larger than it and larger than the one before; last what is larger than all. */
  private readonly counts: Float64Array;
  private total = 0;

  /** Upper bounds, smallest first. */
  constructor(bounds: readonly number[]) {
    this.bounds = Float64Array.from(bounds);
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Everything that was observed, added up. */
  get sum(): number {
    return this.total;
  }

  observe(value: number): void {
    const { bounds } = this;
    let index = 0;
    while (index < bounds.length && value > bounds[index]!) index += 1;
    this.counts[index]! += 1;
    this.total += value;
  }

  /** The lines of Prometheus' text format 0.0.4; `labels` as they stand between the braces. */
  render(name: string, labels: string): string {
    let text = "";
    let count = 0;
    for (const [index, own] of this.counts.entries()) {
      count += own;
      const bound = this.bounds[index];
      text += `${name}_bucket{${labels},le="${bound === undefined ? "+Inf" : bound}"} ${count}\n`;
    }
    return `${text}${name}_sum{${labels}} ${this.total}\n${name}_count{${labels}} ${count}\n`;
  }
}
