import type { RunTimes } from "./run-times.ts";

/** What a new request would wait for. */
export interface Backlog {
  readonly now: number;
  /** When each instance will be free, at the earliest now. */
  readonly freeAt: readonly number[];
  /** Milliseconds of work of requests that cannot share a batch with the new one. */
  readonly othersMs: number;
  /** Rows that wait already and can. */
  readonly ahead: number;
  /** Rows of a batch. */
  readonly limit: number;
  readonly times: Pick<RunTimes, "expected">;
}

/** When a request of `size` rows that comes now would be answered, on the same scale. */
export function estimateEnd(size: number, { now, freeAt, othersMs, ahead, limit, times }: Backlog): number {
  const free = freeAt.map((at) => Math.max(now, at) + othersMs / freeAt.length);
  for (let left = ahead; left >= limit; left -= limit) {
    const next = earliest(free);
    free[next]! += times.expected(limit);
  }
  const shared = Math.min(limit, (ahead % limit) + size);
  return free[earliest(free)]! + times.expected(Math.max(size, shared));
}

function earliest(times: readonly number[]): number {
  let found = 0;
  for (let index = 1; index < times.length; index += 1) if (times[index]! < times[found]!) found = index;
  return found;
}
