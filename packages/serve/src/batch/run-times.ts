interface Bucket {
  count: number;
  /** What it counts beside other sizes: less and less when it is not seen. */
  weight: number;
  size: number;
  ms: number;
}

interface Point {
  readonly size: number;
  readonly ms: number;
  readonly weight: number;
}

/** A new run counts at least one in so many. */
const memory = 10;
/** How much of a run's difference is taken for a change of the machine, which changes every size alike. */
const drift = 0.03;
/** How much of its weight a size keeps when another one runs. */
const fading = 0.96;
/** A run of more than so many times what was expected is a hiccup, until it repeats. */
const hiccup = 4;
/** A size is as good as the best within this part of its rate: smaller batches answer sooner. */
const asGood = 0.97;

/**
 * Learns how long a run of so many rows takes, s(n), from the runs themselves. Recent runs count most; between sizes that were seen it
 * is a straight line, and it never falls with the size. Beyond the largest size seen it grows with the size, which is the worst that a
 * batch can do.
 */
export class RunTimes {
  private readonly buckets = new Map<number, Bucket>();
  /** Average of |run − expected| / expected. */
  private spread = 0;
  private known: readonly Point[] | undefined;
  /** What {@link best} found last, until the next run: it is asked for every request, and runs are fewer. */
  private found:
    | { readonly most: number; readonly objectiveMs: number | undefined; readonly trial: number; readonly size: number }
    | undefined;

  /** A run of `size` rows took `ms` milliseconds. */
  record(size: number, ms: number): void {
    const index = bucketOf(size);
    const bucket = this.buckets.get(index);
    if (bucket === undefined) {
      this.buckets.set(index, { count: 1, weight: 1, size, ms });
    } else {
      const expected = this.expected(size);
      const taken = bucket.count < memory ? ms : Math.min(ms, expected * hiccup);
      const off = expected === 0 ? 0 : (taken - expected) / expected;
      this.spread += (Math.abs(off) - this.spread) * 0.05;
      for (const other of this.buckets.values()) {
        if (other === bucket) continue;
        other.ms *= 1 + drift * Math.min(1, off);
        other.weight *= fading;
      }
      bucket.count = Math.min(memory, bucket.count + 1);
      bucket.weight = Math.min(memory, bucket.weight + 1);
      bucket.ms += (taken - bucket.ms) / bucket.count;
      bucket.size += (size - bucket.size) / bucket.count;
    }
    this.known = undefined;
    this.found = undefined;
  }

  /** The largest size that was seen; 0 before the first run. */
  private get largest(): number {
    return Math.round(this.points().at(-1)?.size ?? 0);
  }

  /** Milliseconds a run of `size` rows takes; 0 before the first run. */
  expected(size: number): number {
    const points = this.points();
    const last = points.at(-1);
    if (last === undefined) return 0;
    if (size >= last.size) return (last.ms * size) / last.size;
    let index = 0;
    while (points[index]!.size < size) index += 1;
    const right = points[index]!;
    const left = points[index - 1];
    if (left === undefined) return right.ms;
    return left.ms + ((right.ms - left.ms) * (size - left.size)) / (right.size - left.size);
  }

  /** As {@link expected}, with room for the usual differences between runs. */
  cautious(size: number): number {
    return this.expected(size) * (1 + Math.min(1, 0.02 + 2 * this.spread));
  }

  /**
   * The smallest size of those up to `most` that gives as many rows per second as any; with an objective only those of which a second
   * run would end within it. Twice the largest size seen, where that one is the best: only a run tells whether more is better still.
   * `trial` times as much, now and then, finds out whether what was worse is better by now.
   */
  best(most: number, objectiveMs: number | undefined, trial = 1): number {
    const { found } = this;
    if (found !== undefined && found.most === most && found.objectiveMs === objectiveMs && found.trial === trial)
      return found.size;
    const size = this.findBest(most, objectiveMs, trial);
    this.found = { most, objectiveMs, trial, size };
    return size;
  }

  private findBest(most: number, objectiveMs: number | undefined, trial: number): number {
    const fits = (size: number) => objectiveMs === undefined || 2 * this.cautious(size) <= objectiveMs;
    const sizes = this.candidates(most).filter(fits);
    let rate = 0;
    for (const size of sizes) rate = Math.max(rate, size / this.expected(size));
    const best = sizes.find((size) => size / this.expected(size) >= asGood * rate) ?? 1;
    if (best >= this.largest) return Math.min(most, best * 2);
    return largest(best, Math.min(most, best * trial), fits);
  }

  /**
   * The largest size up to `most` after which a run of those that come meanwhile, `rate` rows per millisecond, still ends within the
   * objective. A queue that is longer than {@link best} for a moment is worked off sooner in one larger run; when more come than the
   * model can answer, it is the same as best.
   */
  roomy(most: number, objectiveMs: number, rate: number): number {
    return largest(1, most, (size) => {
      const ms = this.cautious(size);
      return ms + this.cautious(Math.max(1, Math.min(size, rate * ms))) <= objectiveMs;
    });
  }

  private candidates(most: number): number[] {
    const sizes = new Set([1]);
    for (const { size } of this.points()) sizes.add(Math.min(most, Math.round(size)));
    return [...sizes];
  }

  /** Neighbours of which the larger one is the faster are one point: what was measured contradicts that more rows take no less. */
  private points(): readonly Point[] {
    if (this.known !== undefined) return this.known;
    const points: Point[] = [];
    for (const { size, ms, weight: seen } of [...this.buckets.values()].sort((a, b) => a.size - b.size)) {
      let point: Point = { size, ms, weight: seen };
      for (let last = points.at(-1); last !== undefined && last.ms > point.ms; last = points.at(-1)) {
        points.pop();
        const weight = last.weight + point.weight;
        point = { size: point.size, ms: (last.ms * last.weight + point.ms * point.weight) / weight, weight };
      }
      points.push(point);
    }
    this.known = points;
    return points;
  }
}

/** The largest whole number from `low` to `high` that fits, when all smaller ones do; `low` when none does. */
function largest(low: number, high: number, fits: (size: number) => boolean): number {
  let best = low;
  let least = low;
  let most = high;
  while (least < most) {
    const size = Math.ceil((least + most) / 2);
    if (fits(size)) {
      least = size;
      best = size;
    } else {
      most = size - 1;
    }
  }
  return best;
}

/** Sizes up to 8 each have a bucket; above, four share an octave. */
function bucketOf(size: number): number {
  return size <= 8 ? size : Math.floor(4 * Math.log2(size)) - 4;
}
