import { backoff, type Clock, SlipwayError } from "@slipway/base";
import { statusToError } from "@slipway/client";
import type { Kind } from "@slipway/spec";
import type { Change, WatchOptions } from "@slipway/store";
import { kindPath } from "../rest/kind-path.ts";
import type { RestClient } from "../rest/rest-client.ts";
import { received } from "./received.ts";

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

/** Changes of a kind in order, across connections that the server or the network ends. Throws `expired` when the history is gone, and what cannot pass. */
export async function* watchChanges<K extends Kind>(
  { rest, clock }: { rest: RestClient; clock: Clock },
  kind: K,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<Change<K>, void, undefined> {
  const path = kindPath(kind, options.namespace === undefined ? {} : { namespace: options.namespace });
  // A server calls it an internal error, as if it could pass.
  if (!/^\d{1,20}$/.test(options.from)) {
    throw new SlipwayError(
      "badRequest",
      `Invalid resource version ${JSON.stringify(options.from)}: expected a decimal integer.`,
      {
        hint: "Watch from the version of a list.",
      },
    );
  }
  let version = options.from;
  let failures = 0;
  while (!signal.aborted) {
    const connection = new AbortController();
    const silence = () => clock.after(longestSilenceMs, () => connection.abort());
    let cancel = silence();
    try {
      const query = { watch: "true", allowWatchBookmarks: "true", resourceVersion: version };
      for await (const line of rest.stream(path, { query, signal: AbortSignal.any([signal, connection.signal]) })) {
        cancel();
        cancel = silence();
        const { type, object } = line as WatchEvent;
        if (type === "ERROR") throw statusToError(object.code ?? 500, object);
        failures = 0;
        version = object.metadata?.resourceVersion ?? version;
        const change = changeTypes[type];
        if (change !== undefined) yield { type: change, resource: received(kind, object), version };
        else if (type === "BOOKMARK" && options.bookmarks === true) yield { type: "bookmark", version };
        if (signal.aborted) return;
      }
    } catch (caught) {
      if (signal.aborted) return;
      const error = SlipwayError.from(caught);
      if (!connection.signal.aborted && !passing.includes(error.code)) throw error;
    } finally {
      cancel();
      connection.abort();
    }
    failures += 1;
    // A server may end a watch at any time; the pause keeps one that does so at once from being hammered.
    await clock.sleep(backoff(failures, 100, 10_000), signal).catch(() => {});
  }
}
