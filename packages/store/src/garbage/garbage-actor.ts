import { type Actor, type Clock, type Log, runGroup, SlipwayError } from "@slipway/base";
import { type Kind, kinds } from "@slipway/spec";
import type { Change, Store } from "../store.ts";
import { collect } from "./collect.ts";

/** Milliseconds until collection is tried again after it failed. */
const retryAfter = 1_000;

interface GarbageOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** Collects garbage when it starts and whenever a change can have made some. */
export function garbageActor(options: GarbageOptions): Actor {
  return {
    name: "garbage",
    run(signal) {
      const collector = new Collector(options);
      const watchers = (Object.keys(kinds) as Kind[]).map((kind) => ({
        name: `garbage-${kind}`,
        run: (stop: AbortSignal) => watchFor(options.store, kind, () => collector.mark(), stop),
      }));
      return runGroup([{ name: "garbage-collector", run: (stop) => collector.run(stop) }, ...watchers], signal);
    },
  };
}

/** Runs one collection at a time; a mark during it leads to one more. */
class Collector {
  private readonly options: GarbageOptions;
  private dirty = true;
  private wake = () => {};

  constructor(options: GarbageOptions) {
    this.options = options;
  }

  mark(): void {
    this.dirty = true;
    this.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, log } = this.options;
    let cancelRetry = () => {};
    const onAbort = () => this.wake();
    signal.addEventListener("abort", onAbort);
    while (!signal.aborted) {
      if (!this.dirty) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        continue;
      }
      this.dirty = false;
      try {
        await collect(store);
      } catch (error) {
        log.warn("garbage collection failed and will be tried again", { error });
        cancelRetry();
        cancelRetry = clock.after(retryAfter, () => this.mark());
      }
    }
    cancelRetry();
    signal.removeEventListener("abort", onAbort);
  }
}

async function watchFor(store: Store, kind: Kind, mark: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { version } = await store.list(kind);
    mark();
    try {
      for await (const change of store.watch(kind, { from: version }, signal)) if (matters(change)) mark();
    } catch (error) {
      // So far behind that history is gone: look at everything again.
      if (SlipwayError.from(error).code !== "expired") throw error;
    }
  }
}

/** Garbage comes from deletions, from objects that wait to be deleted, and from objects made for an owner that may be gone already. */
function matters(change: Change): boolean {
  if (change.type === "bookmark") return false;
  if (change.type === "deleted") return true;
  const { deletionTimestamp, ownerReferences } = change.resource.metadata;
  return deletionTimestamp !== undefined || (change.type === "added" && ownerReferences !== undefined);
}
