import assert from "node:assert/strict";
import { SlipwayError, VirtualClock } from "@slipway/base";
import type { LocalStore } from "@slipway/store";
import type { StoreFactory } from "./store-suite.ts";

/** Runs a test on a store of its own, and stops the store whatever comes of it. */
export async function withStore(
  factory: StoreFactory,
  test: (store: LocalStore, clock: VirtualClock) => Promise<void>,
  options: { historyLimit?: number } = {},
): Promise<void> {
  const clock = new VirtualClock();
  const { store, stop } = await factory({ clock, ...options });
  try {
    await test(store, clock);
  } finally {
    await stop();
  }
}

/** Waits for a refusal with this code, and returns it. */
export async function refused(attempt: Promise<unknown>, code: SlipwayError["code"]): Promise<SlipwayError> {
  const caught = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(
    caught instanceof SlipwayError,
    `expected to be refused with ${code}, but: ${caught === undefined ? "it was done" : String(caught)}`,
  );
  assert.equal(caught.code, code, caught.message);
  return caught;
}
