import type { Instant, WireError } from "@slipway/base";
import type { Key, Signature } from "@slipway/spec";

/** Everything a backend needs to start one replica; all of it belongs to the revision, but for the samples policy. */
export interface ReplicaSpec {
  /** `REVISION-ORDINAL`, unique in its namespace. */
  readonly name: string;
  readonly namespace: string;
  readonly model: string;
  /** uid of the Model: a replica never serves another object of the same name. */
  readonly owner: string;
  readonly revision: string;
  /** `sha256:…` of the bundle. */
  readonly bundle: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly signature?: Signature;
  /** Kubernetes quantities. */
  readonly resources: { readonly cpu?: string; readonly memory?: string };
  readonly samples: { readonly verify: boolean; readonly tolerance: { readonly absolute: number; readonly relative: number } };
}

/** How a replica ended. */
export interface ReplicaExit {
  readonly at: Instant;
  readonly code: number | null;
  readonly signal: string | null;
  /** `ModelInvalid` cannot get better by trying again; `OOMKilled` means its memory limit ended it. */
  readonly reason: "Completed" | "Error" | "OOMKilled" | "ModelInvalid" | "StartFailed";
  /** One sentence for people. */
  readonly message: string;
}

/** One replica as a backend sees it now. */
export interface ObservedReplica {
  readonly name: string;
  /** uid of the Model it was started for. */
  readonly owner: string;
  readonly revision: string;
  readonly state: "starting" | "ready" | "draining" | "exited";
  readonly pid?: number;
  readonly startedAt: Instant;
  /** Where the gateway reaches it; set once ready. */
  readonly address?: string;
  /** Failed starts and crashes in a row; back to 0 after ten minutes of being ready. */
  readonly restarts: number;
  /** What it last reported as wrong while alive. */
  readonly error?: WireError;
  /** The last exit, also when it runs again. */
  readonly exit?: ReplicaExit;
  /** How its resource limits are enforced, e.g. `cgroup` or `process: memory watched, cpu not limited`. */
  readonly limits?: string;
}

/** What control may ask of a backend. */
export type Action =
  | { readonly type: "start"; readonly replica: ReplicaSpec }
  /** Graceful: finish what was accepted, then exit; killed after `graceMs`. */
  | { readonly type: "stop"; readonly namespace: string; readonly name: string; readonly graceMs: number }
  /** Forget a replica that has exited. */
  | { readonly type: "forget"; readonly namespace: string; readonly name: string };

/** The place where replicas run. Every method is idempotent: control repeats itself after a crash. */
export interface Backend {
  /** The replicas of one Model, exited ones included until they are forgotten. */
  observe(model: Key, signal: AbortSignal): Promise<readonly ObservedReplica[]>;
  /** Returns once the action is under way; its effect is seen by `observe`. `start` of a name that runs is a no-op; of one that exited, a restart. */
  perform(action: Action, signal: AbortSignal): Promise<void>;
  /** Models whose replicas changed; ends when the signal aborts. The first items are all models that have replicas. */
  changes(signal: AbortSignal): AsyncIterable<Key>;
}
