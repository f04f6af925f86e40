/** Milliseconds to wait after the `failures`-th failure in a row (1, 2, …): `first`, doubled each time, at most `most`. 0 when nothing failed. */
export function backoff(failures: number, first = 1_000, most = 60_000): number {
  if (failures <= 0) return 0;
  return Math.min(most, first * 2 ** Math.min(failures - 1, 30));
}
