import type { Share } from "./plan-input.ts";

/** Whether two splits are the same, whatever their order. */
export function sameShares(a: readonly Share[], b: readonly Share[]): boolean {
  const text = (shares: readonly Share[]) =>
    shares
      .map((share) => `${share.revision}=${share.percent}`)
      .sort()
      .join();
  return text(a) === text(b);
}
