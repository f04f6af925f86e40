import { SlipwayError } from "@slipway/base";
import type { Action, Backend, ObservedReplica, ReplicaSpec } from "@slipway/control";
import type { HomePaths } from "../home/home-paths.ts";
import { type ReplicaPaths, replicaPaths } from "../home/replica-paths.ts";
import type { ProcessHost } from "../host/process-host.ts";
import type { ProcessSpec, ResourceLimits } from "../host/process-spec.ts";
import { observedReplica } from "./observed-replica.ts";

/** A Model's namespace and name, as `Backend` has it. */
type ModelKey = Parameters<Backend["observe"]>[0];

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
  /** How to run a replica: it must listen on `paths.socket`, read its `ReplicaSpec` as JSON from `paths.spec`, and hold a lifeline. */
  readonly command: (replica: ReplicaSpec, paths: ReplicaPaths) => ReplicaCommand;
  /** Kubernetes quantities as numbers; given, because a replica that imports this package should not load the whole of `spec` for it. */
  readonly limits: (resources: ReplicaSpec["resources"]) => ResourceLimits;
}

/** Replicas as processes of this machine's supervisor. */
export class LocalBackend implements Backend {
  private readonly options: LocalBackendOptions;

  constructor(options: LocalBackendOptions) {
    this.options = options;
  }

  async observe(model: ModelKey, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    const { host, home } = this.options;
    const processes = await host.list({ namespace: model.namespace ?? "", model: model.name }, signal);
    return processes.map((status) => observedReplica(status, home));
  }

  async perform(action: Action, signal: AbortSignal): Promise<void> {
    const { host } = this.options;
    if (action.type === "start") await host.start(this.processSpec(action.replica), signal);
    else if (action.type === "stop") await host.stop(idOf(action.namespace, action.name), action.graceMs, signal);
    else await host.forget(idOf(action.namespace, action.name), signal);
  }

  async *changes(signal: AbortSignal): AsyncIterable<ModelKey> {
    for await (const { labels } of this.options.host.changes(signal)) {
      const { namespace, model } = labels;
      if (namespace !== undefined && model !== undefined) yield { namespace, name: model };
    }
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
