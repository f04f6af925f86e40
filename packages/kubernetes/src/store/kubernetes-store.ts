import { type Clock, SlipwayError } from "@slipway/base";
import { type Key, type Kind, kinds, type Model, type Resource, type Scale } from "@slipway/spec";
import type { Change, Listing, RemoveOptions, Store, WatchOptions, WriteOptions } from "@slipway/store";
import { checkKey, kindPath } from "../rest/kind-path.ts";
import { listObjects } from "../rest/list-objects.ts";
import { type ApiServer, applyPatch, RestClient, strict } from "../rest/rest-client.ts";
import { received } from "./received.ts";
import { watchChanges } from "./watch-changes.ts";

/** What a {@link KubernetesStore} needs. */
export interface KubernetesStoreOptions {
  readonly server: ApiServer;
  readonly clock: Clock;
}

/**
 * An API server as a store: the same promises, kept by Kubernetes. Three are weaker there. An `Apply` that expects nothing to be there
 * looks first, because a server-side apply cannot be told so; the answer to a removal has the version before it; and a scale can only be
 * updated (`unimplemented` when applied), because Kubernetes cannot apply that of a custom resource.
 */
export class KubernetesStore implements Store {
  private readonly rest: RestClient;
  private readonly clock: Clock;

  constructor({ server, clock }: KubernetesStoreOptions) {
    this.rest = new RestClient(server);
    this.clock = clock;
  }

  async get<K extends Kind>(kind: K, key: Key): Promise<Resource<K> | undefined> {
    checkKey(kind, key);
    try {
      return received(kind, await this.rest.request("GET", kindPath(kind, key)));
    } catch (caught) {
      if (caught instanceof SlipwayError && caught.code === "notFound") return undefined;
      throw caught;
    }
  }

  async list<K extends Kind>(kind: K, { namespace }: { namespace?: string } = {}): Promise<Listing<K>> {
    const { items, version } = await listObjects(this.rest, kindPath(kind, namespace === undefined ? {} : { namespace }));
    return { items: items.map((item) => received(kind, item)), version };
  }

  watch<K extends Kind>(kind: K, options: WatchOptions, signal: AbortSignal): AsyncIterable<Change<K>> {
    return watchChanges({ rest: this.rest, clock: this.clock }, kind, options, signal);
  }

  async write<K extends Kind>(next: Resource<K> & { readonly kind: K }, options: WriteOptions): Promise<Resource<K>> {
    checkKey(next.kind, next.metadata);
    if (options.expect === "absent" && (options.operation === "Apply" || options.subresource !== undefined))
      await this.requireAbsent(next.kind, next.metadata, options);
    if (options.subresource === "scale") return this.scale(next, options);
    if (options.operation === "Apply") return received(next.kind, await this.apply(next, options));
    return received(next.kind, await (options.expect === "absent" ? this.create(next, options) : this.update(next, options)));
  }

  async remove<K extends Kind>(kind: K, key: Key, options: RemoveOptions = {}): Promise<Resource<K>> {
    const found = await this.get(kind, key);
    const { expect, dryRun, propagation } = options;
    const preconditions = {
      // Without a uid asked for, the one that was seen: another object of the same name is never removed instead.
      ...((options.uid ?? found?.metadata.uid) && { uid: options.uid ?? found?.metadata.uid }),
      ...(expect && { resourceVersion: expect }),
    };
    const answer = await this.rest.request("DELETE", kindPath(kind, key), {
      body: {
        apiVersion: "v1",
        kind: "DeleteOptions",
        propagationPolicy: propagation ?? "Background",
        preconditions,
        ...(dryRun ? { dryRun: ["All"] } : {}),
      },
    });
    // What is gone at once is answered with a Status.
    const left = answer as { readonly kind?: string };
    if (left.kind === "Status" && found !== undefined) return found;
    return received(kind, left);
  }

  private create(next: Resource, options: WriteOptions): Promise<unknown> {
    const { name: _name, ...collection } = keyOf(next.metadata);
    const { resourceVersion: _version, ...metadata } = next.metadata;
    return this.rest.request("POST", kindPath(next.kind, collection), {
      query: queryOf(options),
      body: { ...next, metadata },
    });
  }

  private update(next: Resource, options: WriteOptions): Promise<unknown> {
    return this.rest.request("PUT", kindPath(next.kind, next.metadata, options.subresource), {
      query: queryOf(options),
      body: { ...next, metadata: { ...next.metadata, resourceVersion: options.expect } },
    });
  }

  private apply(next: Resource, options: WriteOptions): Promise<unknown> {
    const { resourceVersion: _version, ...metadata } = next.metadata;
    const expected = options.expect === "absent" ? {} : { resourceVersion: options.expect };
    return this.rest.request("PATCH", kindPath(next.kind, next.metadata, options.subresource), {
      query: { ...queryOf(options), force: options.force ? "true" : undefined },
      body: { ...next, metadata: { ...metadata, ...expected } },
      contentType: applyPatch,
    });
  }

  /** The scale subresource takes and gives a Scale; the object is read after it. */
  private async scale<K extends Kind>(next: Resource<K>, options: WriteOptions): Promise<Resource<K>> {
    if (options.operation === "Apply") {
      throw new SlipwayError(
        "unimplemented",
        `The scale of a ${next.kind} cannot be applied: Kubernetes does so for its own kinds only.`,
        {
          hint: "Update it.",
        },
      );
    }
    const { name, namespace } = next.metadata;
    const scale = (await this.rest.request("PUT", kindPath(next.kind, next.metadata, "scale"), {
      query: queryOf(options),
      body: {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { name, namespace, resourceVersion: options.expect },
        spec: { replicas: (next as Model).spec.replicas },
      },
    })) as Scale;
    const after = await this.get(next.kind, next.metadata);
    if (after === undefined) throw missing(next.kind, next.metadata);
    if (!options.dryRun) return after as Resource<K>;
    const { spec } = after as Model;
    return received(next.kind, { ...after, spec: { ...spec, replicas: scale.spec.replicas } }) as Resource<K>;
  }

  private async requireAbsent(kind: Kind, key: Key, { subresource }: WriteOptions): Promise<void> {
    const found = await this.get(kind, key);
    if (found !== undefined) {
      throw new SlipwayError("alreadyExists", `${objectName(kind, key)} already exists`, {
        hint: "Update the object, or choose another name.",
      });
    }
    if (subresource !== undefined) throw missing(kind, key);
  }
}

function queryOf({ manager, dryRun }: WriteOptions): Record<string, string | undefined> {
  return { ...strict, fieldManager: manager, dryRun: dryRun ? "All" : undefined };
}

/** The key of an object without the rest of its metadata. */
function keyOf({ namespace, name }: Key): Key {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

function objectName(kind: Kind, { name }: Key): string {
  const { plural, group } = kinds[kind];
  return `${plural}${group === "" ? "" : `.${group}`} "${name}"`;
}

function missing(kind: Kind, key: Key): SlipwayError {
  return new SlipwayError("notFound", `${objectName(kind, key)} not found`);
}
