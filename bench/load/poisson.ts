import { seededRandom } from "@slipway/base";

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
  const random = seededRandom(seed);
  const times: number[] = [];
  for (let at = 0; ; ) {
    // 1 - random() is never 0, whose logarithm is not finite.
    at += (-Math.log(1 - random()) / rate) * 1000;
    if (at >= seconds * 1000) return Float64Array.from(times);
    times.push(at);
  }
}
