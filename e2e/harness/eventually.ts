import { systemClock } from "@slipway/base";

/** Waits until `probe` gives something other than undefined or false; fails with `what` and the last error after `seconds`. */
export async function eventually<T>(what: string, seconds: number, probe: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = systemClock.monotonic() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      last = undefined;
    } catch (caught) {
      last = caught;
    }
    if (systemClock.monotonic() > deadline) throw new Error(`not within ${seconds} s: ${what}`, { cause: last });
    await systemClock.sleep(50);
  }
}
