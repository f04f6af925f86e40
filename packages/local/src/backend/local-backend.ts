import { type Clock, Feed, SlipwayError } from "@slipway/base";
import type { Action, Backend, Observed, RevisionRun, revisionRun } from "@slipway/control";
import type { HomePaths } from "../home/home-paths.ts";
import { type ReplicaPaths, replicaPaths } from "../home/replica-paths.ts";
import type { ProcessHost } from "../host/process-host.ts";
import type { ProcessSpec, ResourceLimits } from "../host/process-spec.ts";
import { observedReplica } from "./observed-replica.ts";
import { planProcesses } from "./plan-processes.ts";

/** A Model's namespace and name, as `Backend` has it. */
type ModelKey = Parameters<Backend["observe"]>[0];

/** What one replica's process is started with. */
export interface ReplicaSpec extends RevisionRun {
  /** `REVISION-ORDINAL`, unique in its namespace. */
  readonly name: string;
}

/** The command that runs a replica. */
export interface ReplicaCommand {
  /** Executable and arguments. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What the local backend needs. */
export interface LocalBackendOptions {
  readonly host: ProcessHost;
  readonly home: HomePaths;
  readonly clock: Clock;
  /** How to run a replica: it must listen on `paths.socket`, read its `ReplicaSpec` as JSON from `paths.spec`, and hold a lifeline. */
  readonly command: (replica: ReplicaSpec, paths: ReplicaPaths) => ReplicaCommand;
  /** `revisionRun` of `control`; given, like `limits`, because a replica that imports this package should not load the whole of `control` and `spec` for it. */
  readonly run: typeof revisionRun;
  /** Kubernetes quantities as numbers. */
  readonly limits: (resources: ReplicaSpec["resources"]) => ResourceLimits;
  /** How long a replica may finish what it accepted before it is killed, milliseconds. Default 30 s. */
  readonly graceMs?: number;
}

/** Replicas as processes of this machine's supervisor. Remembers nothing but when a back-off ends: how many are asked for is in the processes. */
export class LocalBackend implements Backend {
  private readonly options: LocalBackendOptions;
  private readonly feeds = new Set<Feed<ModelKey>>();
  /** Cancels the wait for the end of a back-off, by revision. */
  private readonly waits = new Map<string, () => void>();

  constructor(options: LocalBackendOptions) {
    this.options = options;
  }

  async observe(model: ModelKey, signal: AbortSignal): Promise<Observed> {
    const { host, home } = this.options;
    const processes = await host.list({ namespace: model.namespace ?? "", model: model.name }, signal);
    return { replicas: processes.map((status) => observedReplica(status, home)), problems: [] };
  }

  async perform(action: Action, signal: AbortSignal): Promise<void> {
    if (action.type === "run") await this.run(action, signal);
    else await this.end(action, signal);
  }

  async *changes(signal: AbortSignal): AsyncIterable<ModelKey> {
    const stop = new AbortController();
    const feed = new Feed<ModelKey>(({ namespace, name }) => `${namespace}/${name}`, AbortSignal.any([signal, stop.signal]));
    this.feeds.add(feed);
    const following = this.follow(feed, AbortSignal.any([signal, stop.signal]));
    try {
      yield* feed;
    } finally {
      this.feeds.delete(feed);
      if (this.feeds.size === 0) for (const id of this.waits.keys()) this.waitFor(id, undefined);
      stop.abort();
      await following;
    }
  }

  private async follow(feed: Feed<ModelKey>, signal: AbortSignal): Promise<void> {
    try {
      for await (const { labels } of this.options.host.changes(signal)) {
        const { namespace, model } = labels;
        if (namespace !== undefined && model !== undefined) feed.push({ namespace, name: model });
      }
    } catch (error) {
      feed.fail(error);
    }
  }

  private async run(action: Extract<Action, { type: "run" }>, signal: AbortSignal): Promise<void> {
    const { host, clock } = this.options;
    const run = this.options.run(action.model, action.revision);
    const { namespace, model, revision } = run;
    const processes = await host.list({ namespace, model }, signal);
    const now = clock.now();
    const { start, stop, forget, recheckAt } = planProcesses(run, action.replicas, action.leaving, processes, now);
    await Promise.all([
      ...start.map((name) => host.start(this.processSpec({ ...run, name }), signal)),
      ...stop.map((name) => this.stop(idOf(namespace, name), signal)),
      ...forget.map((name) => host.forget(idOf(namespace, name), signal)),
    ]);
    const wait = recheckAt === undefined ? undefined : { ms: recheckAt - now, key: { namespace, name: model } };
    this.waitFor(`${namespace}/${revision}`, wait);
  }

  private async end({ namespace, model, revision }: Extract<Action, { type: "end" }>, signal: AbortSignal): Promise<void> {
    const { host } = this.options;
    this.waitFor(`${namespace}/${revision}`, undefined);
    const processes = await host.list({ namespace, model, revision }, signal);
    const ends = processes.map(({ id, state }) => (state === "exited" ? host.forget(id, signal) : this.stop(id, signal)));
    await Promise.all(ends);
  }

  private stop(id: string, signal: AbortSignal): Promise<void> {
    return this.options.host.stop(id, this.options.graceMs ?? 30_000, signal);
  }

  /** The end of a back-off is a change, though nothing happens then but that a process may be started. */
  private waitFor(id: string, wait: { readonly ms: number; readonly key: ModelKey } | undefined): void {
    this.waits.get(id)?.();
    this.waits.delete(id);
    // Who begins to follow changes is told of all Models first, and so of all back-offs.
    if (wait === undefined || this.feeds.size === 0) return;
    const cancel = this.options.clock.after(wait.ms, () => {
      this.waits.delete(id);
      for (const feed of this.feeds) feed.push(wait.key);
    });
    this.waits.set(id, cancel);
  }

  private processSpec(replica: ReplicaSpec): ProcessSpec {
    const { namespace, model, owner, revision, name } = replica;
    for (const part of [namespace, name]) {
      // They become file names; the API admits no others, and here it would be a hole.
      if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(part))
        throw new SlipwayError("invalid", `"${part}" is not the name of a resource.`);
    }
    const paths = replicaPaths(this.options.home, namespace, name);
    return {
      id: idOf(namespace, name),
      role: "replica",
      ...this.options.command(replica, paths),
      labels: { namespace, model, owner, revision, name },
      logPath: paths.log,
      limits: this.options.limits(replica.resources),
      socketPath: paths.socket,
      input: { path: paths.spec, content: JSON.stringify(replica) },
    };
  }
}

function idOf(namespace: string, name: string): string {
  return `replica/${namespace}/${name}`;
}
