import type { RunTimes } from "./run-times.ts";

/** A request that waits, as far as the choice of a batch goes. */
export interface Queued {
  /** Rows, or 1 where requests do not share a run. */
  readonly size: number;
  /** Milliseconds on the clock's monotonic scale; undefined when there is none. */
  readonly deadlineAt: number | undefined;
}

/** Which of the waiting run now, and which are given up; the others wait on. */
export interface BatchChoice<Item> {
  readonly take: Item[];
  readonly drop: Item[];
}

/** Times are predicted. */
type Times = Pick<RunTimes, "expected">;

/**
 * The next batch of at most `limit` rows from requests in the order of their arrival. What would miss its deadline even alone is given
 * up. The batch is kept as small as the tightest of them needs, but what would make it smaller than half is given up instead: the time
 * of the model is then what is short, and small runs to save the oldest make all others late. The first one may be larger than the limit.
 */
export function chooseBatch<Item extends Queued>(
  waiting: readonly Item[],
  now: number,
  limit: number,
  times: Times,
): BatchChoice<Item> {
  const drop: Item[] = [];
  const able: Item[] = [];
  let size = 0;
  for (const item of waiting) {
    if (item.deadlineAt !== undefined && now + times.expected(item.size) > item.deadlineAt) {
      drop.push(item);
      continue;
    }
    able.push(item);
    size += item.size;
    // Enough for a full batch after giving up as many as it holds.
    if (size >= 2 * limit) break;
  }
  for (let first = 0; first < able.length; first += 1) {
    const { take, taken, tight } = longest(able, first, now, limit, times);
    if (!tight || taken * 2 >= Math.min(limit, size)) return { take, drop };
    drop.push(able[first]!);
    size -= able[first]!.size;
  }
  return { take: [], drop };
}

/** As many as end before the deadline of each, at least one. `tight` when there would be more without deadlines. */
function longest<Item extends Queued>(able: readonly Item[], first: number, now: number, limit: number, times: Times) {
  let taken = 0;
  let deadlineAt = Number.POSITIVE_INFINITY;
  for (let end = first; end < able.length; end += 1) {
    const item = able[end]!;
    const size = taken + item.size;
    deadlineAt = Math.min(deadlineAt, item.deadlineAt ?? deadlineAt);
    const tight = now + times.expected(size) > deadlineAt;
    if (end > first && (size > limit || tight)) return { take: able.slice(first, end), taken, tight: size <= limit };
    taken = size;
  }
  return { take: able.slice(first), taken, tight: false };
}
