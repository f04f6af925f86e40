import { type Clock, SlipwayError } from "@slipway/base";
import type { KubernetesObject, WrittenMeta } from "../objects/kubernetes-object.ts";
import { listObjects, type Selection } from "../rest/list-objects.ts";
import { type ObjectKind, objectPath } from "../rest/object-path.ts";
import { type ApiServer, applyPatch, RestClient, strict } from "../rest/rest-client.ts";
import { watchObjects } from "../rest/watch-objects.ts";

/** Which object is meant; an object itself says so, too. */
export interface ObjectReference extends ObjectKind {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** An object as a cluster has it. */
export interface LiveObject {
  readonly metadata: WrittenMeta & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly managedFields?: readonly { readonly manager: string; readonly fieldsV1?: Readonly<Record<string, unknown>> }[];
  };
  readonly [field: string]: unknown;
}

/** Objects of a cluster by reference, of any kind: for an administrator's commands, which hold no cache. */
export class ClusterObjects {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;

  constructor(options: { readonly server: ApiServer; readonly clock: Clock; readonly signal: AbortSignal }) {
    this.rest = new RestClient(options.server);
    this.clock = options.clock;
    this.signal = options.signal;
  }

  /** The object as it is; undefined when it, or its kind, is not there. */
  async get<T extends LiveObject>(reference: ObjectReference): Promise<T | undefined> {
    return this.ifThere(async () => (await this.rest.request("GET", pathOf(reference), { signal: this.signal })) as T);
  }

  /** All objects of a kind, with the kind they are of; none when the kind is not there. */
  async list<T extends LiveObject>(
    kind: ObjectKind,
    where: { namespace?: string } & Selection = {},
  ): Promise<(T & ObjectKind)[]> {
    const { namespace, ...selection } = where;
    const path = objectPath(kind, namespace === undefined ? {} : { namespace });
    const found = await this.ifThere(() => listObjects(this.rest, path, selection, this.signal));
    return (found?.items ?? []).map((item) => ({ ...(item as T), apiVersion: kind.apiVersion, kind: kind.kind }));
  }

  /** Server-side apply. Without `force`, a field that another manager set otherwise is a `conflict`. */
  async apply(object: KubernetesObject, options: { readonly manager: string; readonly force: boolean }): Promise<LiveObject> {
    return (await this.rest.request("PATCH", pathOf(object), {
      query: { ...strict, fieldManager: options.manager, ...(options.force ? { force: "true" } : {}) },
      body: object,
      contentType: applyPatch,
      signal: this.signal,
    })) as LiveObject;
  }

  /** Makes an object; `alreadyExists` when it is there. */
  async create(object: KubernetesObject, manager: string): Promise<LiveObject> {
    const { namespace } = object.metadata;
    const path = objectPath(object, namespace === undefined ? {} : { namespace });
    const query = { ...strict, fieldManager: manager };
    return (await this.rest.request("POST", path, { query, body: object, signal: this.signal })) as LiveObject;
  }

  /** Changes fields by a JSON merge patch. */
  async patch(reference: ObjectReference, patch: object, manager: string): Promise<LiveObject> {
    return (await this.rest.request("PATCH", pathOf(reference), {
      query: { ...strict, fieldManager: manager },
      body: patch,
      contentType: "application/merge-patch+json",
      signal: this.signal,
    })) as LiveObject;
  }

  /** Deletes exactly the object that was seen; false when it is not there any more. */
  async remove(object: ObjectReference & LiveObject, propagation: "Background" | "Foreground" = "Background"): Promise<boolean> {
    const body = {
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: propagation,
      preconditions: { uid: object.metadata.uid },
    };
    const answer = await this.ifThere(() => this.rest.request("DELETE", pathOf(object), { body, signal: this.signal }));
    return answer !== undefined;
  }

  /** The states of one object, from the one it is in now; undefined while it is not there. Ends with the signal. */
  async *follow<T extends LiveObject>(reference: ObjectReference): AsyncGenerator<T | undefined, void, undefined> {
    const { name, namespace } = reference.metadata;
    const path = objectPath(reference, namespace === undefined ? {} : { namespace });
    const selection = { fieldSelector: `metadata.name=${name}` };
    while (!this.signal.aborted) {
      const { items, version } = await listObjects(this.rest, path, selection, this.signal);
      yield items[0] as T | undefined;
      try {
        for await (const change of watchObjects(this, { path, from: version, selection }, this.signal))
          if (change.type !== "bookmark") yield change.type === "deleted" ? undefined : (change.object as T);
      } catch (caught) {
        if (SlipwayError.from(caught).code !== "expired") throw caught;
      }
    }
  }

  private async ifThere<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (caught) {
      if (SlipwayError.from(caught).code === "notFound") return undefined;
      throw caught;
    }
  }
}

function pathOf(reference: ObjectReference): string {
  const { name, namespace } = reference.metadata;
  return objectPath(reference, { name, ...(namespace === undefined ? {} : { namespace }) });
}
