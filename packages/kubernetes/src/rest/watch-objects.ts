import { backoff, type Clock, jittered, SlipwayError } from "@slipway/base";
import { statusToError } from "@slipway/client";
import type { Selection } from "./list-objects.ts";
import type { RestClient } from "./rest-client.ts";

/** A server tells an idle watch once a minute how far it is; silence for longer is a connection that died unnoticed. */
const longestSilenceMs = 150_000;

/** Failures of the server or the way to it. They pass, and the watch goes on where it was, as long as the server keeps the history. */
const passing: readonly string[] = ["unavailable", "overloaded", "timeout", "internal"];

const changeTypes: Readonly<Record<string, "added" | "modified" | "deleted">> = {
  ADDED: "added",
  MODIFIED: "modified",
  DELETED: "deleted",
};

interface WatchEvent {
  readonly type: string;
  readonly object: { readonly metadata?: { readonly resourceVersion?: string }; readonly code?: number };
}

/** One line of a watch: an object as it is now (or last was), or how far the watch is. */
export type ObjectChange =
  | { readonly type: "added" | "modified" | "deleted"; readonly object: unknown; readonly version: string }
  | { readonly type: "bookmark"; readonly version: string };

/** What to watch, from which version on. */
export interface ObjectWatch {
  readonly path: string;
  readonly from: string;
  readonly selection?: Selection;
  /** Told of every failure that passes, and of the first line after it with undefined. */
  readonly onFailure?: (error: SlipwayError | undefined) => void;
}

/** Changes of the objects under a path in order, across connections that the server or the network ends. Throws `expired` when the history is gone, and what cannot pass. */
export async function* watchObjects(
  { rest, clock }: { readonly rest: RestClient; readonly clock: Clock },
  { path, from, selection, onFailure = () => {} }: ObjectWatch,
  signal: AbortSignal,
): AsyncGenerator<ObjectChange, void, undefined> {
  let version = from;
  let failures = 0;
  while (!signal.aborted) {
    const connection = new AbortController();
    const silence = () => clock.after(longestSilenceMs, () => connection.abort());
    let cancel = silence();
    try {
      const query = { ...selection, watch: "true", allowWatchBookmarks: "true", resourceVersion: version };
      for await (const line of rest.stream(path, { query, signal: AbortSignal.any([signal, connection.signal]) })) {
        cancel();
        cancel = silence();
        const { type, object } = line as WatchEvent;
        if (type === "ERROR") throw statusToError(object.code ?? 500, object);
        if (failures > 0) onFailure(undefined);
        failures = 0;
        version = object.metadata?.resourceVersion ?? version;
        const change = changeTypes[type];
        if (change !== undefined) yield { type: change, object, version };
        else if (type === "BOOKMARK") yield { type: "bookmark", version };
        if (signal.aborted) return;
      }
    } catch (caught) {
      if (signal.aborted) return;
      const error = SlipwayError.from(caught);
      if (!connection.signal.aborted && !passing.includes(error.code)) throw error;
      onFailure(error);
    } finally {
      cancel();
      connection.abort();
    }
    failures += 1;
    // A server may end a watch at any time; the pause keeps one that does so at once from being hammered.
    await clock.sleep(jittered(backoff(failures, 100, 10_000)), signal).catch(() => {});
  }
}
