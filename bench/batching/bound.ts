/** Milliseconds that one run of so many requests takes, by their number. */
export type BatchTimes = ReadonlyMap<number, number>;

/** The most that batches can give. */
export interface Bound {
  /** Requests per second. */
  readonly rate: number;
  /** Requests of the batch that gives it. */
  readonly size: number;
}

/**
 * B of the goals: the highest n/s(n) of batches that two of can be run inside the objective, since a request may have to wait for the one
 * that runs when it comes. `perRequestMs` is what each request costs on the same core beside the model. Undefined when not even one fits.
 */
export function bound(times: BatchTimes, objectiveMs: number, perRequestMs = 0): Bound | undefined {
  let best: Bound | undefined;
  for (const [size, ms] of times) {
    if (2 * ms > objectiveMs) continue;
    const rate = (size / (ms + size * perRequestMs)) * 1000;
    if (best === undefined || rate > best.rate) best = { rate, size };
  }
  return best;
}
