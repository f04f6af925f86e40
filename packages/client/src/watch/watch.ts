import { backoff, type Clock, SlipwayError } from "@slipway/base";
import type { Kind, Resource } from "@slipway/spec";
import type { ListOptions, ResourceList } from "../client/client.ts";
import { statusToError } from "../status/status-to-error.ts";
import { abortError } from "../transport/transport.ts";
import { jsonLines } from "./json-lines.ts";

/** What to watch, and from when. */
export interface WatchOptions extends ListOptions {
  readonly signal: AbortSignal;
  /** The version of a list, to get only what happened since. Absent: first an `added` for all there is, then `synced`. */
  readonly from?: string;
  /** How long to go on trying when the server cannot be reached, in milliseconds; default 30 000. Then `unavailable`. */
  readonly patience?: number;
}

/** One change, in the order it happened; `synced` once everything that was there has been told. */
export type WatchEvent<K extends Kind = Kind> =
  | { readonly type: "added" | "modified" | "deleted"; readonly resource: Resource<K> }
  | { readonly type: "synced" };

/** What a watch needs of the API. */
interface Source<K extends Kind> {
  readonly clock: Clock;
  list(signal: AbortSignal): Promise<ResourceList<K>>;
  /** The byte stream of a watch from this version. */
  open(from: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

const typeOf: Readonly<Record<string, "added" | "modified" | "deleted">> = {
  ADDED: "added",
  MODIFIED: "modified",
  DELETED: "deleted",
};

function identity(resource: Resource): string {
  return resource.metadata.uid ?? `${resource.metadata.namespace ?? ""}/${resource.metadata.name}`;
}

/** Follows the API through lost connections (goes on from the last version seen) and compacted versions (lists again and tells the difference). */
export async function* watchResources<K extends Kind>(source: Source<K>, options: WatchOptions): AsyncIterable<WatchEvent<K>> {
  const { signal, patience = 30_000 } = options;
  const known = new Map<string, Resource<K>>();
  let version = options.from;
  let synced = options.from !== undefined;
  let failures = 0;
  let lostAt: number | undefined;

  while (!signal.aborted) {
    try {
      if (version === undefined) {
        const now = await source.list(signal);
        yield* difference(known, now.items);
        version = now.version;
        if (!synced) yield { type: "synced" };
        synced = true;
      }
      const stream = await source.open(version, signal);
      failures = 0;
      lostAt = undefined;
      for await (const line of lines(stream, signal)) {
        const { type, object } = line as { type: string; object: Resource<K> };
        if (type === "ERROR") throw statusToError((object as unknown as { code?: number }).code ?? 500, object);
        version = object.metadata.resourceVersion ?? version;
        const change = typeOf[type];
        if (change === undefined) continue;
        if (change === "deleted") known.delete(identity(object));
        else known.set(identity(object), object);
        yield { type: change, resource: object };
      }
      // The server ended the stream as it may at any time; a short pause keeps a server that ends it at once from being hammered.
      failures = 1;
    } catch (caught) {
      if (signal.aborted) return;
      const error = SlipwayError.from(caught);
      if (error.code === "expired") version = undefined;
      else if (error.code !== "unavailable" && error.code !== "overloaded") throw error;
      // Nothing was ever heard: the caller learns it at once.
      else if (!synced) throw error;
      else {
        failures += 1;
        lostAt ??= source.clock.monotonic();
        if (source.clock.monotonic() - lostAt > patience) throw error;
      }
    }
    try {
      await source.clock.sleep(backoff(failures, 100, 2_000), signal);
    } catch {
      return;
    }
  }
}

async function* lines(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<unknown> {
  try {
    yield* jsonLines(stream);
  } catch (caught) {
    if (signal.aborted) throw abortError(signal);
    if (caught instanceof SyntaxError) throw new SlipwayError("internal", "The control API sent a watch event that is not JSON.");
    throw new SlipwayError("unavailable", "The connection to the control API was lost.", { cause: caught });
  }
}

/** Brings `known` to what is there now, telling each difference. */
function* difference<K extends Kind>(known: Map<string, Resource<K>>, items: readonly Resource<K>[]): Iterable<WatchEvent<K>> {
  const present = new Set(items.map(identity));
  for (const [id, resource] of [...known]) {
    if (present.has(id)) continue;
    known.delete(id);
    yield { type: "deleted", resource };
  }
  for (const resource of items) {
    const before = known.get(identity(resource));
    known.set(identity(resource), resource);
    if (before === undefined) yield { type: "added", resource };
    else if (before.metadata.resourceVersion !== resource.metadata.resourceVersion) yield { type: "modified", resource };
  }
}
