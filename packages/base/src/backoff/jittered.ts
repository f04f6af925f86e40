/** A wait somewhere between half of `ms` and all of it, so that many who failed together do not come back together. `random` is in [0, 1). */
export function jittered(ms: number, random: number = Math.random()): number {
  return ms / 2 + (ms / 2) * random;
}
