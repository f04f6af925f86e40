/** Something long-lived: `run` ends when it is done or `signal` aborts; it must clean up before it ends. */
export interface Actor {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

/** Runs actors together: the first that ends, or an abort from outside, stops all. Rejects with the first failure after all have ended. */
export async function runGroup(actors: readonly Actor[], outer: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const onOuter = () => stop.abort(outer.reason);
  if (outer.aborted) onOuter();
  outer.addEventListener("abort", onOuter, { once: true });
  let failure: { error: unknown } | undefined;
  await Promise.all(
    actors.map(async (actor) => {
      try {
        await actor.run(stop.signal);
      } catch (error) {
        // What an actor throws because it was told to stop is not a failure.
        if (!stop.signal.aborted) failure = { error };
      } finally {
        stop.abort();
      }
    }),
  );
  outer.removeEventListener("abort", onOuter);
  if (failure !== undefined) throw failure.error;
}

/** Resolves when the signal aborts; at once if it already has. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
