import { type Clock, SlipwayError } from "@slipway/base";
import type { Kind, Resource } from "@slipway/spec";
import { freeze } from "./freeze.ts";
import type { History } from "./history.ts";
import type { StoredChange } from "./persistence.ts";
import type { ResourceTable } from "./resource-table.ts";
import type { Change, WatchOptions } from "./store.ts";

/** A bookmark tells a watch how far it is this often; Kubernetes sends them about as often. */
const bookmarkInterval = 60_000;

/** What a watch reads from. */
export interface Watched {
  readonly history: History;
  readonly resources: ResourceTable;
  readonly clock: Clock;
}

/**
 * Changes of one kind after a version, in order, until the signal aborts. The watch keeps only its place in the shared history: a slow reader
 * costs no memory, and one that falls behind what is kept gets `expired`.
 */
export async function* watchHistory<K extends Kind>(
  { history, resources, clock }: Watched,
  kind: K,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<Change<K>, void, undefined> {
  let at = placeOf(options.from, history);
  let wake = () => {};
  const unsubscribe = history.subscribe(() => wake());
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort);
  let bookmarkDue = false;
  const scheduleBookmark = () =>
    clock.after(bookmarkInterval, () => {
      bookmarkDue = true;
      wake();
    });
  let cancelBookmark = options.bookmarks === true ? scheduleBookmark() : () => {};
  try {
    while (!signal.aborted) {
      if (at < history.compacted) throw expired(String(at), history);
      const change = history.next(at);
      if (change !== undefined) {
        at = change.version;
        if (change.kind !== kind || (options.namespace ?? change.namespace) !== change.namespace) continue;
        yield { type: change.type, resource: resourceOf(change, resources) as Resource<K>, version: String(at) };
      } else if (bookmarkDue) {
        bookmarkDue = false;
        cancelBookmark = scheduleBookmark();
        yield { type: "bookmark", version: String(at) };
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    cancelBookmark();
    unsubscribe();
    signal.removeEventListener("abort", onAbort);
  }
}

function placeOf(from: string, history: History): number {
  if (!/^\d{1,15}$/.test(from)) {
    throw new SlipwayError("badRequest", `Invalid resource version ${JSON.stringify(from)}: expected a decimal integer.`, {
      hint: "Watch from the resourceVersion of a list.",
    });
  }
  const version = Number(from);
  // A version from the future was given out by another store; its client must start over, as after compaction.
  if (version > history.version || version < history.compacted) throw expired(from, history);
  return version;
}

function expired(from: string, { compacted, version }: History): SlipwayError {
  return new SlipwayError(
    "expired",
    `too old resource version: ${from} (changes after ${compacted} are kept, the newest is ${version})`,
    {
      hint: "List again, and watch from the version of that list.",
    },
  );
}

/** The object at the change. A reader that keeps up gets the very object of the table; only one that is behind costs a parse. */
function resourceOf(change: StoredChange, resources: ResourceTable): Resource {
  const key = { name: change.name, ...(change.namespace === "" ? {} : { namespace: change.namespace }) };
  const current = change.type === "deleted" ? undefined : resources.get(change.kind, key);
  return current?.metadata.resourceVersion === String(change.version) ? current : freeze(JSON.parse(change.text) as Resource);
}
