import { type Clock, Feed, type Log, SlipwayError } from "@slipway/base";
import type { Action, Backend, Observed } from "@slipway/control";
import type { Key, Model, Revision } from "@slipway/spec";
import { type ClusterCaches, modelOf } from "../cache/cluster-caches.ts";
import type { CachedObject, ObjectCache } from "../cache/object-cache.ts";
import { renderRevision } from "../render/render-revision.ts";
import { objectPath } from "../rest/object-path.ts";
import type { RestClient } from "../rest/rest-client.ts";
import { observedModel } from "./observed-model.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { PlaceProblems } from "./place-problems.ts";
import { RevisionWriter } from "./revision-writer.ts";
import { writeRefusal } from "./write-refusal.ts";

/** What a {@link KubernetesBackend} needs. */
export interface KubernetesBackendOptions {
  readonly rest: RestClient;
  /** Run by the caller, and synced before the first call. */
  readonly caches: ClusterCaches;
  /** Sees to the certificate of a Model that is about to run. */
  readonly certificates: { ensure(model: Model, signal: AbortSignal): Promise<void> };
  readonly clock: Clock;
  readonly log: Log;
  /** Where gateways run. */
  readonly systemNamespace: string;
  /** Of the platform. */
  readonly version: string;
}

type Run = Extract<Action, { type: "run" }>;

/** A cluster as the place where replicas run: a Deployment for each revision, and what belongs to it. Looking costs no call; acting costs one only where something differs. */
export class KubernetesBackend implements Backend {
  private readonly options: KubernetesBackendOptions;
  private readonly writer: RevisionWriter;
  private readonly problems: PlaceProblems;
  private readonly feeds = new Set<Feed<Key>>();
  private readonly queue = new OneAtATime();

  constructor(options: KubernetesBackendOptions) {
    this.options = options;
    this.writer = new RevisionWriter(options);
    this.problems = new PlaceProblems(options, (key) => this.tell(key));
  }

  async observe(model: Key, signal: AbortSignal): Promise<Observed> {
    signal.throwIfAborted();
    const { caches, version } = this.options;
    const observed = observedModel(caches, model, version);
    this.problems.retain(model, (revision) => caches.revisions.get(model.namespace, revision) !== undefined);
    const refused = this.problems.of(model);
    return refused.length === 0 ? observed : { ...observed, problems: [...observed.problems, ...refused] };
  }

  /** What the cluster refuses becomes a problem that {@link observe} tells of, and is tried again; it is no failure. */
  async perform(action: Action, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { namespace, name } =
      action.type === "run" ? action.model.metadata : { namespace: action.namespace, name: action.model };
    const key = { namespace: namespace!, name };
    const revision = action.type === "run" ? action.revision.metadata.name : action.revision;
    return this.queue.run(`${namespace}/${revision}`, () => this.act(action, { key, revision }, signal));
  }

  private async act(action: Action, { key, revision }: { key: Key; revision: string }, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    try {
      const problem = action.type === "run" ? await this.run(action, signal) : await this.writer.end(action, signal);
      if (problem === undefined) this.problems.clear(key, revision);
      else this.problems.set(key, { revision, ...problem });
    } catch (caught) {
      const refusal = signal.aborted ? undefined : writeRefusal(caught, key.namespace!);
      if (refusal === undefined) throw caught;
      this.problems.set(key, { revision, ...refusal });
    }
  }

  async *changes(signal: AbortSignal): AsyncGenerator<Key, void, undefined> {
    const { autoscalers, deployments, pods, present } = this.options.caches;
    const feed = new Feed<Key>(({ namespace, name }) => `${namespace}/${name}`, signal);
    const follow = <T extends CachedObject>(cache: ObjectCache<T>) =>
      cache.onChange((object) => {
        const key = keyOf(object);
        if (key !== undefined) feed.push(key);
      });
    const followed = [pods, deployments, autoscalers, ...Object.values(present)];
    const stops = followed.map((cache) => follow(cache as ObjectCache<CachedObject>));
    this.feeds.add(feed);
    for (const object of [...deployments.values(), ...pods.values()]) {
      const key = keyOf(object);
      if (key !== undefined) feed.push(key);
    }
    for (const key of this.problems.keys()) feed.push(key);
    try {
      yield* feed;
    } finally {
      this.feeds.delete(feed);
      for (const stop of stops) stop();
    }
  }

  /** Ends what is waited for. */
  close(): void {
    this.problems.close();
  }

  private async run(asked: Run, signal: AbortSignal): Promise<{ reason: string; message: string } | undefined> {
    const action = { ...asked, revision: this.stored(asked.revision) };
    const { model, revision, replicas, autoscaling } = action;
    const { image } = revision.spec.source;
    if (image === undefined) {
      return {
        reason: "ImageRequired",
        message:
          "spec.source.image names no image, and a cluster runs nothing else; `slipway apply --to REGISTRY/NAME` makes and pushes one",
      };
    }
    const rendered = renderRevision(model, revision, {
      image,
      replicas,
      systemNamespace: this.options.systemNamespace,
      ...(autoscaling && { autoscaling }),
    });
    if (this.writer.deployment(revision.metadata.namespace!, revision.metadata.name) === undefined) {
      const missing = await this.missingSecret(action, signal);
      if (missing !== undefined) return missing;
    }
    await this.options.certificates.ensure(model, signal);
    await this.writer.run(action, rendered, signal);
    return undefined;
  }

  /** What is made for a Revision goes with it, and so needs its uid, which a plan that only just made it does not have. */
  private stored(revision: Revision): Revision {
    const { namespace, name, uid } = revision.metadata;
    const stored = uid === undefined ? this.options.caches.revisions.get(namespace, name) : revision;
    if (stored !== undefined) return stored;
    throw new SlipwayError("conflict", `The Revision ${name} is not known to be stored yet; it is looked at again.`);
  }

  /** A pod that waits for a Secret to mount says so nowhere but in its Events. */
  private async missingSecret({ revision }: Run, signal: AbortSignal): Promise<{ reason: string; message: string } | undefined> {
    const { namespace } = revision.metadata;
    for (const { name, key } of revision.spec.secrets ?? []) {
      try {
        const path = objectPath({ apiVersion: "v1", kind: "Secret" }, { namespace: namespace!, name });
        const { data = {} } = (await this.options.rest.request("GET", path, { signal })) as { data?: object };
        if (key === undefined || Object.hasOwn(data, key)) continue;
        return {
          reason: "SecretNotFound",
          message: `the Secret ${name} has no key ${key}, which spec.secrets names; add it`,
        };
      } catch (caught) {
        if (SlipwayError.from(caught).code !== "notFound") throw caught;
        return {
          reason: "SecretNotFound",
          message: `the Secret ${name}, which spec.secrets names, is not there; create it in the namespace ${namespace}`,
        };
      }
    }
    return undefined;
  }

  private tell(key: Key): void {
    for (const feed of this.feeds) feed.push(key);
  }
}

/** The Model that an object is of, by its label. */
function keyOf(object: CachedObject): Key | undefined {
  const [namespace = "", name = ""] = modelOf(object).split("/");
  return name === "" ? undefined : { namespace, name };
}
