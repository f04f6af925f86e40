import { SlipwayError } from "@slipway/base";
import type { ClusterObjects } from "@slipway/kubernetes";
import type { CliContext } from "./context.ts";
import type { ClusterPlace } from "./place.ts";
import { withCluster } from "./session.ts";

/** Runs an administrator's work on the objects of a cluster, and lets it take so many milliseconds at most. Throws `timeout` after them. */
export async function clusterWork<T>(
  context: CliContext,
  place: ClusterPlace,
  timeoutMs: number,
  work: (objects: ClusterObjects) => Promise<T>,
): Promise<T> {
  const { ClusterObjects } = await import("@slipway/kubernetes");
  const deadline = new AbortController();
  const cancel = context.clock.after(timeoutMs, () => deadline.abort());
  const signal = AbortSignal.any([context.signal, deadline.signal]);
  try {
    return await withCluster(context, place, ({ server }) => work(new ClusterObjects({ server, clock: context.clock, signal })));
  } catch (caught) {
    if (!deadline.signal.aborted || context.signal.aborted || SlipwayError.from(caught).code !== "cancelled") throw caught;
    throw new SlipwayError("timeout", `It did not end within ${timeoutMs / 1000} s.`, {
      hint: "The same command goes on where it was; --timeout lets it take longer.",
      cause: caught,
    });
  } finally {
    cancel();
  }
}
