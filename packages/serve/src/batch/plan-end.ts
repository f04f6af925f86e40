import type { RunTimes } from "./run-times.ts";

/** What a new request would wait for. */
export interface Backlog {
  readonly now: number;
  /** When each instance will be free. */
  readonly freeAt: readonly number[];
  /** Milliseconds of work of requests that cannot share a batch with the new one. */
  readonly othersMs: number;
  /** Rows that wait already and can. */
  readonly ahead: number;
  /** Rows that come per millisecond. */
  readonly rate: number;
  /** Rows of a batch. */
  readonly limit: number;
  readonly times: Pick<RunTimes, "cautious">;
}

/**
 * When a request of `size` rows that comes now would be answered, on the same scale. Until its batch begins, others will have joined it:
 * as many as usually come in that time. Without that, each would be let in that makes the batches of the others smaller, until none is
 * worth its time.
 */
export function planEnd(size: number, { now, freeAt, othersMs, ahead, rate, limit, times }: Backlog): number {
  const free = freeAt.map((at) => Math.max(now, at) + othersMs / freeAt.length);
  for (let left = ahead; left + size > limit && left > 0; left -= limit)
    free[earliest(free)]! += times.cautious(Math.min(left, limit));
  const begins = free[earliest(free)]!;
  const before = ahead + size > limit ? ahead % limit : ahead;
  return begins + times.cautious(Math.max(size, Math.min(limit, before + size + rate * (begins - now))));
}

function earliest(times: readonly number[]): number {
  let found = 0;
  for (let index = 1; index < times.length; index += 1) if (times[index]! < times[found]!) found = index;
  return found;
}
