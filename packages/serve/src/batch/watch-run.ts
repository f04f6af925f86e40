import type { Clock } from "@slipway/base";

/** How often a run is looked at, and for how many looks in a row nobody may wait for it. */
const lookMs = 5_000;
const stuckLooks = 2;

/** Looks at a run now and then until the returned function is called; calls `onStuck` once when nobody has waited for it for a while. */
export function watchRun(clock: Clock, abandoned: () => boolean, onStuck: (() => void) | undefined): () => void {
  if (onStuck === undefined) return () => {};
  let alone = 0;
  const look = () => {
    alone = abandoned() ? alone + 1 : 0;
    if (alone >= stuckLooks) onStuck();
    else cancel = clock.after(lookMs, look);
  };
  let cancel = clock.after(lookMs, look);
  return () => cancel();
}
