/** Changed, missing, added or swapped characters between two names (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      let least = Math.min(previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1), previous[j]! + 1, current[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      current.push(least);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length]!;
}

/** The known name that was probably meant: the same but for case and at most a third of its characters. Undefined when none is close, or the names are long. */
export function nearestName(wrong: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const longest = Math.max(wrong.length, name.length);
    if (longest > 64) continue;
    const found = distance(wrong.toLowerCase(), name.toLowerCase());
    if (found <= longest / 3 && (best === undefined || found < best.distance)) best = { name, distance: found };
  }
  return best?.name;
}
