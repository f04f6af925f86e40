import assert from "node:assert/strict";
import { systemClock } from "@slipway/base";

/** Resolves when the condition holds; fails after ten seconds, naming what was waited for. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = systemClock.monotonic() + 10_000;
  while (!condition()) {
    if (systemClock.monotonic() > deadline) assert.fail(`waited 10 s for: ${what}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
