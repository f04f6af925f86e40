import type { Clock } from "@slipway/base";

/** How often the count is looked at, milliseconds. */
const lookMs = 100;

/** Resolves when `count` has not grown for `quietMs`, at the latest after `mostMs`. */
export async function untilQuiet(clock: Clock, count: () => number, quietMs: number, mostMs: number): Promise<void> {
  const end = clock.monotonic() + mostMs;
  let seen = count();
  let grownAt = clock.monotonic();
  while (clock.monotonic() < Math.min(end, grownAt + quietMs)) {
    await clock.sleep(lookMs);
    if (count() === seen) continue;
    seen = count();
    grownAt = clock.monotonic();
  }
}
