import { type Actor, type Clock, type Log, runGroup } from "@slipway/base";
import type { Model, Revision } from "@slipway/spec";
import { type DeploymentObject, readDeployment } from "../backend/deployment-object.ts";
import type { AutoscalerObject } from "../backend/observed-autoscaling.ts";
import { type Pod, readPod } from "../backend/pod.ts";
import { type KnownMeta, knownMeta } from "../objects/known-meta.ts";
import { labels } from "../objects/labels.ts";
import { kindPath } from "../rest/kind-path.ts";
import { type ObjectKind, objectPath } from "../rest/object-path.ts";
import type { RestClient } from "../rest/rest-client.ts";
import { received } from "../store/received.ts";
import { type CachedObject, ObjectCache } from "./object-cache.ts";
import { OutageLog } from "./outage-log.ts";

/** An object of which it only counts that it is there. */
interface PresentObject extends CachedObject {
  readonly metadata: KnownMeta;
}

/** What an operator knows of its cluster without asking: one list and one watch per kind. */
export class ClusterCaches implements Actor {
  readonly name = "caches";
  readonly models: ObjectCache<Model>;
  readonly revisions: ObjectCache<Revision>;
  readonly pods: ObjectCache<Pod>;
  readonly deployments: ObjectCache<DeploymentObject>;
  readonly autoscalers: ObjectCache<AutoscalerObject & PresentObject>;
  /** Kinds of which it only counts that they are there: somebody may have deleted what a model needs. */
  readonly present: Readonly<Record<"Service" | "NetworkPolicy" | "PodDisruptionBudget", ObjectCache<PresentObject>>>;
  readonly outages: OutageLog;

  constructor({ rest, clock, log }: { readonly rest: RestClient; readonly clock: Clock; readonly log: Log }) {
    const outages = new OutageLog(log);
    const parts = { rest, clock, outages };
    const own = { labelSelector: `${labels.partOf}=slipway,${labels.model}` };
    const cache = <T extends CachedObject>(kind: ObjectKind, read: (value: unknown) => T, groupOf?: (object: T) => string) =>
      new ObjectCache<T>({
        ...parts,
        name: kind.kind,
        path: objectPath(kind),
        selection: own,
        read,
        ...(groupOf && { groupOf }),
      });
    this.outages = outages;
    this.models = new ObjectCache({
      ...parts,
      name: "Model",
      path: kindPath("Model"),
      read: (value) => received("Model", value),
    });
    this.revisions = new ObjectCache({
      ...parts,
      name: "Revision",
      path: kindPath("Revision"),
      read: (value) => received("Revision", value),
    });
    this.pods = cache({ apiVersion: "v1", kind: "Pod" }, readPod, modelOf);
    this.deployments = cache({ apiVersion: "apps/v1", kind: "Deployment" }, readDeployment, modelOf);
    this.autoscalers = cache({ apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" }, readAutoscaler);
    this.present = {
      Service: cache({ apiVersion: "v1", kind: "Service" }, readPresent),
      NetworkPolicy: cache({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" }, readPresent),
      PodDisruptionBudget: cache({ apiVersion: "policy/v1", kind: "PodDisruptionBudget" }, readPresent),
    };
  }

  /** Resolves once all that was there at the start is known. */
  get synced(): Promise<unknown> {
    return Promise.all(this.all().map(({ synced }) => synced));
  }

  run(signal: AbortSignal): Promise<void> {
    return runGroup(this.all(), signal);
  }

  /** Whether there is anything of a Model that runs, or shall. */
  runs(namespace: string | undefined, model: string): boolean {
    return this.deployments.group(modelGroup(namespace, model)).length > 0;
  }

  /** The cache of a kind that is applied beside a Deployment; undefined for kinds that are not watched. */
  beside(kind: string): ObjectCache<PresentObject> | undefined {
    if (kind === "HorizontalPodAutoscaler") return this.autoscalers as unknown as ObjectCache<PresentObject>;
    return Object.hasOwn(this.present, kind) ? this.present[kind as keyof ClusterCaches["present"]] : undefined;
  }

  private all(): (Actor & { readonly synced: Promise<void> })[] {
    return [this.models, this.revisions, this.pods, this.deployments, this.autoscalers, ...Object.values(this.present)];
  }
}

/** Of which Model an object is, by its label: what caches group by. */
export function modelOf({ metadata }: PresentObject): string {
  return modelGroup(metadata.namespace, metadata.labels?.[labels.model]);
}

/** The group of a Model's objects. */
export function modelGroup(namespace: string | undefined, model: string | undefined): string {
  return `${namespace ?? ""}/${model ?? ""}`;
}

function readPresent(value: unknown): PresentObject {
  return { metadata: knownMeta((value as PresentObject).metadata) };
}

function readAutoscaler(value: unknown): AutoscalerObject & PresentObject {
  const { minReplicas, maxReplicas, metrics } = (value as AutoscalerObject).spec;
  const spec = { ...(minReplicas !== undefined && { minReplicas }), maxReplicas, ...(metrics && { metrics }) };
  return { ...readPresent(value), spec };
}
