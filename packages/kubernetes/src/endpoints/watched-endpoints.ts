import type { Actor, Clock } from "@slipway/base";
import { tlsAddress } from "@slipway/protocol";
import { type CachedObject, ObjectCache } from "../cache/object-cache.ts";
import type { OutageLog } from "../cache/outage-log.ts";
import { type KnownMeta, knownMeta } from "../objects/known-meta.ts";
import { labels } from "../objects/labels.ts";
import { objectPath } from "../rest/object-path.ts";
import type { RestClient } from "../rest/rest-client.ts";

/** One place where a replica of a revision is, as the cluster says; the gateway's own type has the same shape. */
export interface RevisionEndpoint {
  /** Of the pod. */
  readonly name: string;
  readonly address: string;
  readonly ready: boolean;
  readonly terminating: boolean;
}

/** What we read of an EndpointSlice. */
interface EndpointSlice extends CachedObject {
  readonly metadata: KnownMeta;
  readonly endpoints: readonly RevisionEndpoint[];
}

interface SentSlice {
  readonly metadata: EndpointSlice["metadata"];
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean; readonly terminating?: boolean };
    readonly targetRef?: { readonly kind?: string; readonly name?: string };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
}

/** Where replicas are, from the cluster's EndpointSlices: it knows before control that a pod ends, and goes on while control is away. */
export class WatchedEndpoints implements Actor {
  readonly name = "endpoints";
  private readonly cache: ObjectCache<EndpointSlice>;
  private readonly listeners = new Set<() => void>();
  private known: ReadonlyMap<string, readonly RevisionEndpoint[]> = new Map();

  constructor(options: { readonly rest: RestClient; readonly clock: Clock; readonly outages: OutageLog }) {
    this.cache = new ObjectCache({
      ...options,
      name: "EndpointSlice",
      path: objectPath({ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" }),
      selection: { labelSelector: labels.revision },
      read: readSlice,
      groupOf: revisionOf,
    });
    this.cache.onChange((slice) => this.update(revisionOf(slice)));
  }

  /** By `NAMESPACE/REVISION`. Another object whenever something changed. */
  get current(): ReadonlyMap<string, readonly RevisionEndpoint[]> {
    return this.known;
  }

  /** Resolves once everything that was there at the start is known. */
  get synced(): Promise<void> {
    return this.cache.synced;
  }

  /** Calls back after every change; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  run(signal: AbortSignal): Promise<void> {
    return this.cache.run(signal);
  }

  private update(revision: string): void {
    const slices = this.cache.group(revision);
    const next = new Map(this.known);
    // While an endpoint moves from one slice to another it may be in both.
    const endpoints = new Map(
      slices.flatMap((slice) => slice.endpoints.map((endpoint) => [endpoint.address, endpoint] as const)),
    );
    if (slices.length === 0) next.delete(revision);
    else next.set(revision, [...endpoints.values()]);
    this.known = next;
    for (const listener of [...this.listeners]) listener();
  }
}

function revisionOf({ metadata }: EndpointSlice): string {
  return `${metadata.namespace}/${metadata.labels?.[labels.revision]}`;
}

function readSlice(value: unknown): EndpointSlice {
  const { metadata, endpoints, ports } = value as SentSlice;
  const port = ports?.find((each) => each.name === "frames")?.port;
  return {
    metadata: knownMeta(metadata),
    endpoints: (endpoints ?? []).flatMap(({ addresses, conditions = {}, targetRef }) => {
      const [ip] = addresses;
      if (ip === undefined || port === undefined || targetRef?.kind !== "Pod" || targetRef.name === undefined) return [];
      // Without a word on it an endpoint counts as ready, https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions.
      const { ready = true, terminating = false } = conditions;
      return [{ name: targetRef.name, address: tlsAddress(ip, port), ready, terminating }];
    }),
  };
}
