import { SlipwayError } from "@slipway/base";
import type { Listing } from "@slipway/store";
import { type ListMeta, presentList } from "../present/present.ts";
import { selectionOf } from "../select/selection.ts";
import { ExpiredListError } from "../status/status.ts";
import { checkVersion, readVersionQuery } from "./resource-version.ts";
import { placeOf, readToken, writeToken } from "./snapshots.ts";
import { presentationOf, type Target } from "./target.ts";

/** GET of many objects: selectors, pages, and a version to watch from. */
export async function list(target: Target): Promise<void> {
  const { exchange, info, context, namespace } = target;
  const { query } = exchange;
  const presentation = presentationOf(target);
  const selection = selectionOf(info.kind, namespace, query);
  const limit = nonNegative("limit", query.get("limit"));
  const token = query.get("continue") ?? "";
  const wanted = readVersionQuery(query);
  if (token !== "" && wanted.version !== undefined && wanted.version !== "0") {
    throw new SlipwayError("badRequest", "specifying resource version is not allowed when using continue");
  }
  const place = token === "" ? undefined : readToken(token);
  const listing = await listingAt(target, place?.version, place?.after);
  if (token === "") checkVersion(wanted, listing.version);
  const selected = listing.items.filter(
    (item) => selection.matches(item) && (place === undefined || placeOf(item) > place.after),
  );
  const page = limit === 0 ? selected : selected.slice(0, limit);
  const rest = selected.length - page.length;
  const last = page.at(-1);
  const metadata: ListMeta = {
    resourceVersion: listing.version,
    ...(rest === 0 || last === undefined
      ? {}
      : {
          continue: writeToken({ version: listing.version, after: placeOf(last) }),
          // As Kubernetes: with a selector the count would have to be worked out, and is not promised.
          ...(selection.filtered ? {} : { remainingItemCount: rest }),
        }),
  };
  if (rest > 0) context.snapshots.keep(info, namespace, listing);
  exchange.sendJson(200, presentList(presentation, page, metadata));
}

async function listingAt(
  { context, info, namespace }: Target,
  version: string | undefined,
  after: string | undefined,
): Promise<Listing> {
  const kept = version === undefined ? undefined : context.snapshots.find(info, namespace, version);
  if (kept !== undefined) return kept;
  const current = await context.store.list(info.kind, namespace === undefined ? {} : { namespace });
  if (version !== undefined && version !== current.version)
    throw new ExpiredListError(writeToken({ version: undefined, after: after ?? "" }));
  return current;
}

/** A whole number of a query, 0 when absent. Throws `badRequest`. */
export function nonNegative(name: string, text: string | null): number {
  if (text === null || text === "") return 0;
  if (!/^\d{1,15}$/.test(text))
    throw new SlipwayError("badRequest", `${name}: Invalid value: ${JSON.stringify(text)}: must be a whole number of at least 0`);
  return Number(text);
}
