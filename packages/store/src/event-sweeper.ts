import type { Actor, Clock, Log } from "@slipway/base";
import type { LocalStore } from "./local-store.ts";

/** Milliseconds between sweeps. */
const interval = 60_000;

/** Deletes Events that are past their time, once a minute. */
export function eventSweeper({ store, clock, log }: { store: Pick<LocalStore, "sweep">; clock: Clock; log: Log }): Actor {
  return {
    name: "event-sweeper",
    async run(signal) {
      while (!signal.aborted) {
        await store.sweep(clock.now()).catch((error: unknown) => log.warn("old events could not be deleted", { error }));
        await clock.sleep(interval, signal);
      }
    },
  };
}
