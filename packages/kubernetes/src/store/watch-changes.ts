import { type Clock, SlipwayError } from "@slipway/base";
import type { Kind } from "@slipway/spec";
import type { Change, WatchOptions } from "@slipway/store";
import { kindPath } from "../rest/kind-path.ts";
import type { RestClient } from "../rest/rest-client.ts";
import { watchObjects } from "../rest/watch-objects.ts";
import { received } from "./received.ts";

/** Changes of a kind in order, across connections that the server or the network ends. Throws `expired` when the history is gone, and what cannot pass. */
export async function* watchChanges<K extends Kind>(
  through: { readonly rest: RestClient; readonly clock: Clock },
  kind: K,
  { from, namespace, bookmarks }: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<Change<K>, void, undefined> {
  // A server calls it an internal error, as if it could pass.
  if (!/^\d{1,20}$/.test(from)) {
    throw new SlipwayError("badRequest", `Invalid resource version ${JSON.stringify(from)}: expected a decimal integer.`, {
      hint: "Watch from the version of a list.",
    });
  }
  const path = kindPath(kind, namespace === undefined ? {} : { namespace });
  for await (const change of watchObjects(through, { path, from }, signal)) {
    const { type, version } = change;
    if (type !== "bookmark") yield { type, resource: received(kind, change.object), version };
    else if (bookmarks === true) yield { type, version };
  }
}
