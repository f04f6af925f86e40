import { isDeepStrictEqual } from "node:util";
import { SlipwayError } from "@slipway/base";
import type { Action } from "@slipway/control";
import type { ClusterCaches } from "../cache/cluster-caches.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { labels } from "../objects/labels.ts";
import { fieldManager } from "../objects/names.ts";
import { applyObject } from "../rest/apply-object.ts";
import { objectPath } from "../rest/object-path.ts";
import { type RestClient, strict } from "../rest/rest-client.ts";
import { Beside } from "./beside.ts";
import type { DeploymentObject } from "./deployment-object.ts";
import { fromEntry, readInventory } from "./inventory.ts";
import { missingBeside } from "./observed-model.ts";
import { deletionCost } from "./pod.ts";
import { revisionAnnotations } from "./revision-annotations.ts";

type Run = Extract<Action, { type: "run" }>;
type End = Extract<Action, { type: "end" }>;

const deploymentKind = { apiVersion: "apps/v1", kind: "Deployment" } as const;
const mergePatch = "application/merge-patch+json";

/** What {@link RevisionWriter} needs. */
export interface RevisionWriterOptions {
  readonly rest: RestClient;
  readonly caches: ClusterCaches;
  /** Of the platform: what another version rendered is rendered again. */
  readonly version: string;
}

/** Writes the objects of a revision: what is missing or different, and nothing else. What it wrote is in the caches when it returns. */
export class RevisionWriter {
  private readonly rest: RestClient;
  private readonly caches: ClusterCaches;
  private readonly version: string;

  constructor({ rest, caches, version }: RevisionWriterOptions) {
    this.rest = rest;
    this.caches = caches;
    this.version = version;
  }

  /** The Deployment of a revision, if there is one that is not on its way out. */
  deployment(namespace: string, revision: string): DeploymentObject | undefined {
    const found = this.caches.deployments.get(namespace, revision);
    return found?.metadata.deletionTimestamp === undefined ? found : undefined;
  }

  /** Makes the cluster have these objects. `rendered` is in the order to apply, the Deployment among them. */
  async run(run: Run, rendered: readonly KubernetesObject[], signal: AbortSignal): Promise<void> {
    const { namespace, name } = run.revision.metadata;
    const deployment = rendered.find(({ kind }) => kind === "Deployment");
    if (deployment === undefined) throw new SlipwayError("internal", `No Deployment was rendered for ${name}.`);
    const found = this.deployment(namespace!, name);
    if (found !== undefined && found.spec.template.metadata?.labels?.[labels.owner] !== run.model.metadata.uid) {
      // Of a Model that had the same name. Its successor is made once it is gone.
      return this.remove({ ...deploymentKind, metadata: found.metadata }, signal);
    }
    const at = rendered.indexOf(deployment);
    const beside = new Beside(
      rendered.filter((object) => object !== deployment),
      found,
      found === undefined ? [] : missingBeside(this.caches, found),
    );
    await this.applyAll(
      rendered.slice(0, at).filter((object) => beside.differs(object)),
      signal,
    );
    const annotations = {
      [revisionAnnotations.generation]: String(run.model.metadata.generation ?? 0),
      [revisionAnnotations.renderedBy]: this.version,
      ...beside.annotations,
    };
    if (found === undefined) await this.create(deployment, annotations, run.replicas, signal);
    else await this.change(run, found, annotations, signal);
    // What looks for the Deployment, as an autoscaler does, comes after it; that it is missing is seen, should this end here.
    await this.applyAll(
      rendered.slice(at + 1).filter((object) => beside.differs(object)),
      signal,
    );
    for (const entry of beside.surplus) await this.removeEntry(namespace!, entry, signal);
  }

  /** Takes away what is the revision's own; its Deployment last, because that knows what else there is. */
  async end({ namespace, revision }: End, signal: AbortSignal): Promise<void> {
    const found = this.deployment(namespace, revision);
    if (found === undefined) return;
    for (const entry of Object.keys(readInventory(found.metadata.annotations?.[revisionAnnotations.own])))
      await this.removeEntry(namespace, entry, signal);
    await this.remove({ ...deploymentKind, metadata: found.metadata }, signal);
  }

  private async applyAll(objects: readonly KubernetesObject[], signal: AbortSignal): Promise<void> {
    for (const object of objects) {
      const answer = await applyObject(this.rest, object, signal);
      this.caches.beside(object.kind)?.put(answer);
    }
  }

  /** Created and never applied: an apply would give new pods to a Deployment that is there already, and restart a model. */
  private async create(
    deployment: KubernetesObject,
    annotations: Record<string, string>,
    replicas: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { metadata } = deployment;
    const body = {
      ...deployment,
      metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } },
      spec: { ...(deployment.spec as object), replicas },
    };
    const query = { ...strict, fieldManager };
    const path = objectPath(deployment, { namespace: metadata.namespace! });
    this.caches.deployments.put(await this.rest.request("POST", path, { query, body, signal }));
  }

  private async change(
    { autoscaling, leaving, replicas, revision }: Run,
    found: DeploymentObject,
    annotations: Record<string, string>,
    signal: AbortSignal,
  ): Promise<void> {
    const { namespace } = revision.metadata;
    for (const name of leaving) await this.markLeaving(namespace!, name, signal);
    const count = autoscaling === undefined && found.spec.replicas !== replicas ? { spec: { replicas } } : {};
    const known = found.metadata.annotations ?? {};
    const told = Object.entries(annotations).filter(([key, value]) => known[key] !== value);
    if (told.length === 0 && Object.keys(count).length === 0) return;
    const body = { ...(told.length > 0 && { metadata: { annotations: Object.fromEntries(told) } }), ...count };
    const path = objectPath(deploymentKind, { namespace: namespace!, name: found.metadata.name });
    const query = { ...strict, fieldManager };
    this.caches.deployments.put(await this.rest.request("PATCH", path, { query, body, contentType: mergePatch, signal }));
  }

  /** Kubernetes chooses who goes when a number is lowered; those with the lowest cost go first. */
  private async markLeaving(namespace: string, name: string, signal: AbortSignal): Promise<void> {
    const pod = this.caches.pods.get(namespace, name);
    const cost = { [deletionCost]: "-1000" };
    if (pod === undefined || isDeepStrictEqual(pod.metadata.annotations, cost)) return;
    const body = { metadata: { annotations: cost } };
    const path = objectPath({ apiVersion: "v1", kind: "Pod" }, { namespace, name });
    try {
      this.caches.pods.put(
        await this.rest.request("PATCH", path, { query: { ...strict, fieldManager }, body, contentType: mergePatch, signal }),
      );
    } catch (caught) {
      // Gone before it was marked.
      if (SlipwayError.from(caught).code !== "notFound") throw caught;
    }
  }

  private removeEntry(namespace: string, entry: string, signal: AbortSignal): Promise<void> {
    const { apiVersion, kind, name } = fromEntry(entry);
    const known = this.caches.beside(kind)?.get(namespace, name)?.metadata;
    return this.remove({ apiVersion, kind, metadata: known ?? { namespace, name } }, signal);
  }

  private async remove(
    object: { apiVersion: string; kind: string; metadata: { namespace?: string; name: string; uid?: string } },
    signal: AbortSignal,
  ): Promise<void> {
    const { namespace, name, uid } = object.metadata;
    const body = {
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: "Background",
      ...(uid && { preconditions: { uid } }),
    };
    try {
      await this.rest.request("DELETE", objectPath(object, { ...(namespace && { namespace }), name }), { body, signal });
    } catch (caught) {
      if (SlipwayError.from(caught).code !== "notFound") throw caught;
    }
    const cache = object.kind === "Deployment" ? this.caches.deployments : this.caches.beside(object.kind);
    cache?.drop({ metadata: object.metadata });
  }
}
