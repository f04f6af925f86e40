/** The usable candidate with the fewest requests in flight; between equals the dice decide, so that none is always first. */
export function leastInflight<T extends { readonly inflight: number }>(
  candidates: readonly T[],
  random: () => number,
  usable: (candidate: T) => boolean = () => true,
): T | undefined {
  let best: T | undefined;
  let equals = 0;
  for (const candidate of candidates) {
    if (!usable(candidate)) continue;
    if (best === undefined || candidate.inflight < best.inflight) {
      best = candidate;
      equals = 1;
    } else if (candidate.inflight === best.inflight) {
      equals += 1;
      if (random() * equals < 1) best = candidate;
    }
  }
  return best;
}
