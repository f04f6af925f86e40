/** One rate that was tried: the share of requests inside the objective, round by round. */
export type Try = (fraction: number, rounds: number) => Promise<boolean>;

/**
 * The highest of ascending fractions that holds; undefined when none does. One round each brackets it, since a rate above one that fails
 * fails too; then whole rounds decide, upwards from one that holds and downwards from one that does not.
 */
export async function highestRate(fractions: readonly number[], rounds: number, holds: Try): Promise<number | undefined> {
  let [low, high] = [-1, fractions.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (await holds(fractions[middle]!, 1)) low = middle;
    else high = middle;
  }
  let index = Math.max(0, low);
  if (await holds(fractions[index]!, rounds)) {
    while (index + 1 < fractions.length && (await holds(fractions[index + 1]!, rounds))) index += 1;
    return fractions[index];
  }
  while (index > 0) {
    index -= 1;
    if (await holds(fractions[index]!, rounds)) return fractions[index];
  }
  return undefined;
}
