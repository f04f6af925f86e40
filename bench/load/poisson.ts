/** A stream of arrivals. */
export interface Arrivals {
  /** Per second. */
  readonly rate: number;
  readonly seconds: number;
  /** The same seed gives the same times. */
  readonly seed: number;
}

/** When requests are due, in milliseconds from the start, ascending: a Poisson process, so that bursts and gaps come as from many independent callers. */
export function poissonArrivals({ rate, seconds, seed }: Arrivals): Float64Array {
  const random = generator(seed);
  const times: number[] = [];
  for (let at = 0; ; ) {
    // 1 - random() is never 0, whose logarithm is not finite.
    at += (-Math.log(1 - random()) / rate) * 1000;
    if (at >= seconds * 1000) return Float64Array.from(times);
    times.push(at);
  }
}

/** Mulberry32: small, and even enough for gaps between requests. Gives numbers from 0 up to, but not, 1. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
