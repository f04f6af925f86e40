/** The middle value; of an even number, the lower of the two. NaN of none. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

/** The smallest value that a share of all values does not exceed (nearest rank); `sorted` ascends. NaN of none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}

/** Round by round, this over that: both were measured one after the other, so what disturbed one disturbed both. */
export function ratios(values: readonly number[], base: readonly number[]): number[] {
  return values.map((value, round) => value / base[round]!);
}

/** The median with the range, such as `0.82 (0.79–0.84)`; a dash when a value is missing or no number. */
export function withRange(values: readonly number[], digits = 2): string {
  if (values.length === 0 || !values.every(Number.isFinite)) return "–";
  const text = (value: number) => value.toFixed(digits);
  return `${text(median(values))} (${text(Math.min(...values))}–${text(Math.max(...values))})`;
}
