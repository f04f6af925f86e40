import { SlipwayError } from "@slipway/base";
import type { ResponseStream } from "@slipway/http";
import type { Resource } from "@slipway/spec";
import type { Change } from "@slipway/store";
import { presentBookmark, presentEvent } from "../present/present.ts";
import { type Selection, selectionOf } from "../select/selection.ts";
import { failureStatus } from "../status/status.ts";
import { nonNegative } from "./list.ts";
import { checkVersion, matchProblem, readVersionQuery } from "./resource-version.ts";
import { presentationOf, type Target } from "./target.ts";
import { WatchFilter } from "./watch-filter.ts";

/** A watch that does not say how long it may last ends after an hour; clients begin again where they were. */
const longestSeconds = 3_600;

/** GET with `watch=true`: changes as a stream of JSON objects, one a line, until the client leaves, time is up, or the server drains. */
export async function watch(target: Target): Promise<void> {
  const { exchange, info, context } = target;
  const { query } = exchange;
  const selection = selectionOf(info.kind, target.namespace, query);
  const bookmarks = flag("allowWatchBookmarks", query);
  const seconds = nonNegative("timeoutSeconds", query.get("timeoutSeconds")) || longestSeconds;
  const start = await startOf(target, selection);
  const presentation = presentationOf(target);
  const timeUp = new AbortController();
  const cancelTimer = context.clock.after(seconds * 1_000, () => timeUp.abort());
  const signal = AbortSignal.any([exchange.signal, exchange.closing, timeUp.signal]);
  const namespaced = target.namespace === undefined ? {} : { namespace: target.namespace };
  const changes = context.store.watch(info.kind, { from: start.from, bookmarks, ...namespaced }, signal)[Symbol.asyncIterator]();
  const pending = changes.next();
  try {
    await refusedAtOnce(pending);
    const stream = exchange.stream(200, { "content-type": "application/json", "cache-control": "no-cache, private" });
    if (exchange.method === "HEAD") {
      stream.end();
      return;
    }
    let first = true;
    const send = (type: string, object: unknown) => stream.write(`${JSON.stringify({ type, object })}\n`);
    const filter = new WatchFilter(selection);
    try {
      for (const resource of start.initial) {
        filter.saw(resource);
        await send("ADDED", presentEvent(presentation, resource, first));
        first = false;
      }
      if (start.bookmarkInitial && bookmarks) await send("BOOKMARK", presentBookmark(presentation, start.from, true));
      for (let step = await pending; step.done !== true; step = await changes.next()) {
        const change: Change = step.value;
        if (change.type === "bookmark") {
          await send("BOOKMARK", presentBookmark(presentation, change.version, false));
          continue;
        }
        const event = filter.eventOf(change);
        if (event === undefined) continue;
        await send(
          event.type,
          presentEvent({ ...presentation, now: context.clock.now() }, versioned(event.resource, change.version), first),
        );
        first = false;
      }
      stream.end();
    } catch (error) {
      await endWith(stream, error, signal);
    }
  } finally {
    cancelTimer();
    // Ends the store's side whatever ended ours.
    timeUp.abort();
    await changes.return?.();
  }
}

interface Start {
  readonly from: string;
  /** Objects to send as ADDED before any change. */
  readonly initial: readonly Resource[];
  readonly bookmarkInitial: boolean;
}

/** Where a watch begins: at a version, or with all there is now. Throws `badRequest`, `invalid` or `timeout`. */
async function startOf({ exchange, info, context, namespace }: Target, selection: Selection): Promise<Start> {
  const { query } = exchange;
  const wanted = readVersionQuery(query);
  const initialEvents = query.has("sendInitialEvents") ? flag("sendInitialEvents", query) : undefined;
  if (initialEvents !== undefined && wanted.match !== "NotOlderThan") {
    throw matchProblem("Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  }
  if (initialEvents === undefined && wanted.match !== undefined) {
    throw matchProblem("Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  }
  const version = wanted.version === "0" ? undefined : wanted.version;
  if (initialEvents !== true && version !== undefined) return { from: version, initial: [], bookmarkInitial: false };
  const listing = await context.store.list(info.kind, namespace === undefined ? {} : { namespace });
  if (initialEvents === true) checkVersion({ version, match: undefined }, listing.version);
  const initial = initialEvents === false ? [] : listing.items.filter((item) => selection.matches(item));
  return { from: listing.version, initial, bookmarkInitial: initialEvents === true };
}

/** Lets a refusal that is known at once, such as `expired`, still become the answer's status. */
async function refusedAtOnce(pending: Promise<unknown>): Promise<void> {
  await Promise.race([pending, new Promise((resolve) => setImmediate(resolve))]);
}

/** A stream whose head is out can tell an error only as its last event. */
async function endWith(stream: ResponseStream, caught: unknown, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    const status = failureStatus(SlipwayError.from(caught), undefined);
    await stream.write(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
  }
  stream.end();
}

/** The last state of a deleted object carries the version of its deletion, so that a watch can go on from it. */
function versioned(resource: Resource, version: string): Resource {
  if (resource.metadata.resourceVersion === version) return resource;
  return { ...resource, metadata: { ...resource.metadata, resourceVersion: version } } as Resource;
}

function flag(name: string, query: URLSearchParams): boolean {
  const text = query.get(name) ?? "";
  if (["", "false", "0"].includes(text)) return false;
  if (text === "true" || text === "1") return true;
  throw new SlipwayError("badRequest", `${name}: Invalid value: ${JSON.stringify(text)}: must be true or false`);
}
