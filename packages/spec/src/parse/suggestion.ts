import { distance } from "fastest-levenshtein";

/**
 * The candidate a mistyped word most likely means, or undefined when none is near: at most two edits, or a third of a long word; or the one
 * whose beginning it is. Case does not count, and swapped letters count less than others.
 */
export function suggestion(typed: string, candidates: Iterable<string>): string | undefined {
  if (typed.length > 100) return undefined;
  const word = typed.toLowerCase();
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const apart = distance(word, other);
    const edits = letters(word) === letters(other) ? apart / 2 : apart;
    const most = Math.max(2, Math.floor(other.length / 3));
    const near = (edits <= most && edits < other.length) || (word.length >= 3 && other.startsWith(word));
    if (near && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { candidate, edits };
  }
  return best?.candidate;
}

function letters(word: string): string {
  return [...word].sort().join("");
}
