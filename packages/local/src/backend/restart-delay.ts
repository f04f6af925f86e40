import { backoff } from "@slipway/base";

/** Milliseconds from an exit to the next start. The first restart is at once, as a crash is most often a passing one; then 1 s, 2 s, 4 s … 60 s. */
export function restartDelay(process: { readonly restarts: number }): number {
  return backoff(process.restarts - 1);
}
