import { type Clock, SlipwayError } from "@slipway/base";
import type { Key, Kind, Resource } from "@slipway/spec";
import { statusToError } from "../status/status-to-error.ts";
import { type Fetch, type FetchResponse, readText, send } from "../transport/transport.ts";
import { type WatchEvent, type WatchOptions, watchResources } from "../watch/watch.ts";
import { objectPath, resourcePath } from "./resource-path.ts";

/** How to reach a control API. */
export interface ClientOptions {
  /** `https://host:port`, without a trailing slash. */
  readonly baseUrl: string;
  /** Bearer token, sent with every call; absent when `fetch` says who calls. */
  readonly token?: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** What a call may always have. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Selects what a list or watch gives. Selectors in Kubernetes' syntax. */
export interface ListOptions extends CallOptions {
  /** Absent = all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Of a create, update or patch. */
export interface WriteOptions extends CallOptions {
  /** Checked and answered as if done, but not stored. */
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
}

/** Of a server-side apply. */
export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Takes over fields that another manager owns, instead of `conflict`. */
  readonly force?: boolean;
}

/** Of a delete. */
export interface DeleteOptions extends CallOptions {
  readonly dryRun?: boolean;
  /** Only if the object still has this uid; else `conflict`. */
  readonly uid?: string;
  readonly propagation?: "Background" | "Foreground" | "Orphan";
}

/** The fields an applier has an opinion about; anything else keeps its value. */
export interface AppliedConfiguration {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** A list and the version it was read at, from which a watch goes on. */
export interface ResourceList<K extends Kind> {
  readonly items: Resource<K>[];
  readonly version: string;
}

/** A typed control API. Every failure is a `SlipwayError` with the code the server meant; an unreachable server is `unavailable`. */
export interface Client {
  get<K extends Kind>(kind: K, key: Key, options?: CallOptions): Promise<Resource<K>>;
  list<K extends Kind>(kind: K, options?: ListOptions): Promise<ResourceList<K>>;
  create<K extends Kind>(resource: Resource<K>, options?: WriteOptions): Promise<Resource<K>>;
  /** Replaces the object; `metadata.resourceVersion` must be the one read, else `conflict`. */
  update<K extends Kind>(resource: Resource<K>, options?: WriteOptions): Promise<Resource<K>>;
  /** JSON merge patch (an object) or JSON patch (an array of operations). */
  patch<K extends Kind>(kind: K, key: Key, patch: object, options?: WriteOptions): Promise<Resource<K>>;
  /** Server-side apply: creates the object or changes the fields given. */
  apply<K extends Kind>(configuration: AppliedConfiguration & { readonly kind: K }, options: ApplyOptions): Promise<Resource<K>>;
  delete(kind: Kind, key: Key, options?: DeleteOptions): Promise<void>;
  /** Sets `spec.replicas` through the scale subresource. */
  scale(kind: Kind, key: Key, replicas: number, options?: WriteOptions): Promise<void>;
  /** Changes as they happen; see {@link WatchOptions}. Ends when the signal aborts. */
  watch<K extends Kind>(kind: K, options: WatchOptions): AsyncIterable<WatchEvent<K>>;
}

const applyPatch = "application/apply-patch+yaml";
const mergePatch = "application/merge-patch+json";
const jsonPatch = "application/json-patch+json";

function writeQuery(options: WriteOptions & { force?: boolean }): Record<string, string | undefined> {
  return {
    fieldManager: options.fieldManager,
    dryRun: options.dryRun ? "All" : undefined,
    force: options.force ? "true" : undefined,
    fieldValidation: "Strict",
  };
}

/** A {@link Client} over a fetch. Opens nothing by itself. */
export function createClient(options: ClientOptions): Client {
  const call = async (
    method: string,
    path: string,
    more: { query?: Record<string, string | undefined>; body?: unknown; type?: string; signal?: AbortSignal | undefined },
  ): Promise<{ response: FetchResponse; url: string }> => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(more.query ?? {})) if (value !== undefined) query.set(name, value);
    const url = `${options.baseUrl}${path}${query.size === 0 ? "" : `?${query}`}`;
    const response = await send(options.fetch, "The control API", url, {
      method,
      headers: {
        accept: "application/json",
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        ...(more.body === undefined ? {} : { "content-type": more.type ?? "application/json" }),
      },
      ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
      ...(more.signal === undefined ? {} : { signal: more.signal }),
    });
    if (response.ok) return { response, url };
    const text = await readText("The control API", url, response, more.signal);
    throw statusToError(response.status, parseJson(text));
  };
  const json = async <T>(...request: Parameters<typeof call>): Promise<T> => {
    const { response, url } = await call(...request);
    const value = parseJson(await readText("The control API", url, response, request[2].signal));
    if (value === undefined)
      throw new SlipwayError("unavailable", `${url} did not answer with JSON; is it the control API of Slipway?`);
    return value as T;
  };

  const list = async <K extends Kind>(kind: K, asked: ListOptions = {}): Promise<ResourceList<K>> => {
    const { namespace, labelSelector, fieldSelector, signal } = asked;
    const path = resourcePath(kind, namespace === undefined ? {} : { namespace });
    const answer = await json<{ apiVersion: string; items: Resource<K>[]; metadata: { resourceVersion: string } }>("GET", path, {
      query: { labelSelector, fieldSelector },
      signal,
    });
    // As in Kubernetes, items of a typed list may leave out what the list itself says.
    const items = answer.items.map((item) => ({ ...item, apiVersion: item.apiVersion ?? answer.apiVersion, kind }));
    return { items, version: answer.metadata.resourceVersion };
  };

  return {
    list,
    get: async (kind, key, asked = {}) => json("GET", objectPath(kind, key), { signal: asked.signal }),
    create: async (resource, asked = {}) => {
      const { namespace } = resource.metadata;
      const path = resourcePath(resource.kind, namespace === undefined ? {} : { namespace });
      return json("POST", path, { query: writeQuery(asked), body: resource, signal: asked.signal });
    },
    update: async (resource, asked = {}) =>
      json("PUT", objectPath(resource.kind, resource.metadata), {
        query: writeQuery(asked),
        body: resource,
        signal: asked.signal,
      }),
    patch: async (kind, key, patch, asked = {}) =>
      json("PATCH", objectPath(kind, key), {
        query: writeQuery(asked),
        body: patch,
        type: Array.isArray(patch) ? jsonPatch : mergePatch,
        signal: asked.signal,
      }),
    apply: async (configuration, asked) =>
      // JSON is YAML, so the apply patch is sent as JSON under the only media type every Kubernetes version takes.
      json("PATCH", objectPath(configuration.kind, configuration.metadata), {
        query: writeQuery(asked),
        body: configuration,
        type: applyPatch,
        signal: asked.signal,
      }),
    delete: async (kind, key, asked = {}) => {
      const body = {
        apiVersion: "v1",
        kind: "DeleteOptions",
        ...(asked.propagation === undefined ? {} : { propagationPolicy: asked.propagation }),
        ...(asked.uid === undefined ? {} : { preconditions: { uid: asked.uid } }),
        ...(asked.dryRun ? { dryRun: ["All"] } : {}),
      };
      await json("DELETE", objectPath(kind, key), { body, signal: asked.signal });
    },
    scale: async (kind, key, replicas, asked = {}) => {
      await json("PATCH", objectPath(kind, key, "scale"), {
        query: writeQuery(asked),
        body: { spec: { replicas } },
        type: mergePatch,
        signal: asked.signal,
      });
    },
    watch: <K extends Kind>(kind: K, asked: WatchOptions) =>
      watchResources<K>(
        {
          clock: options.clock,
          list: (signal) => list(kind, { ...asked, signal }),
          open: async (from, signal) => {
            const path = resourcePath(kind, asked.namespace === undefined ? {} : { namespace: asked.namespace });
            const query = {
              watch: "true",
              allowWatchBookmarks: "true",
              resourceVersion: from,
              labelSelector: asked.labelSelector,
              fieldSelector: asked.fieldSelector,
            };
            return (await call("GET", path, { query, signal })).response.body as AsyncIterable<Uint8Array>;
          },
        },
        asked,
      ),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
