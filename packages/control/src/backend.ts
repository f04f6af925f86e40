import type { Instant, WireError } from "@slipway/base";
import type { Key, Model, Revision } from "@slipway/spec";

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

/** What a replica or its place says is wrong with it while it is alive. */
export interface ReplicaError extends WireError {
  /** CamelCase, when the place knows that it cannot go on like this, e.g. `Unschedulable`, `ErrImagePull`: conditions name it at once. */
  readonly reason?: string;
}

/** One replica as a backend sees it now. */
export interface ObservedReplica {
  /** The place's own name for it, unique in its namespace. */
  readonly name: string;
  /** uid of the Model it was started for. */
  readonly owner: string;
  readonly revision: string;
  /** `draining` takes nothing new and ends, whoever asked for that; `exited` runs no process now, and the place starts it again if it is wanted. */
  readonly state: "starting" | "ready" | "draining" | "exited";
  /** Its process, on one machine. */
  readonly pid?: number;
  /** The machine it is on, in a cluster. */
  readonly node?: string;
  readonly startedAt: Instant;
  /** Where the gateway reaches it; set once ready. */
  readonly address?: string;
  /** Failed starts and crashes in a row; back to 0 after ten minutes of being ready. */
  readonly restarts: number;
  /** What it last reported as wrong while alive, or what keeps it from starting. */
  readonly error?: ReplicaError;
  /** The last exit, also when it runs again. */
  readonly exit?: ReplicaExit;
  /** Of an exited one: when the place starts it again, where it says so. */
  readonly restartsAt?: Instant;
  /** How its resource limits are enforced, e.g. `cgroup` or `process: memory watched, cpu not limited`. */
  readonly limits?: string;
}

/** Why a place can make no more replicas of a revision: a quota, pod security, a namespace that is not open. */
export interface PlaceProblem {
  readonly revision: string;
  /** CamelCase; becomes the reason of the Model's conditions. */
  readonly reason: string;
  /** One sentence for people, with what to do. */
  readonly message: string;
}

/** By what a place itself may change the number of replicas, between these bounds. */
export interface Autoscaling {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Percent of what the replica requests; the largest number of replicas wins. */
  readonly metrics: readonly { readonly type: "cpu" | "memory"; readonly target: number }[];
}

/** What a place keeps of a revision on its own account, as it was last asked. */
export interface ObservedRun {
  readonly revision: string;
  /** How many replicas the place now keeps; its own autoscaling may have changed it. */
  readonly replicas: number;
  /** `metadata.generation` of the Model it was last asked with; 0 when what was made for it is not whole, or not as it was made. */
  readonly generation: number;
  readonly autoscaling?: Autoscaling;
}

/** One Model in a place. */
export interface Observed {
  /** Exited ones included for as long as the place keeps their name, those of a Model that had the same name too. */
  readonly replicas: readonly ObservedReplica[];
  readonly problems: readonly PlaceProblem[];
  /**
   * Of a place that keeps the number by itself, as a Deployment does: one per revision it has anything of, also when no replica is there.
   * Absent of a place that has nothing but the replicas: there `run` is said again while one is missing or down.
   */
  readonly runs?: readonly ObservedRun[];
}

/** What control may ask of a backend. Both are about one revision, and both may be said again at any time. */
export type Action =
  /** This revision shall have this many replicas. The place starts what is missing and restarts what ends, with back-off. */
  | {
      readonly type: "run";
      readonly model: Model;
      readonly revision: Revision;
      /** With `autoscaling` what to begin with: the place does not write the count of what already runs. */
      readonly replicas: number;
      /** Names of replicas that no gateway sends to any more: they drain and end first, and are forgotten once they have. */
      readonly leaving: readonly string[];
      /** Only of a place that autoscales. Absent: the place follows `replicas`, and stops scaling by itself if it did. */
      readonly autoscaling?: Autoscaling;
    }
  /** Nothing of this revision shall be left, whoever owned it. What runs drains first; no trace of it is observed afterwards. */
  | { readonly type: "end"; readonly namespace: string; readonly model: string; readonly revision: string };

/** The place where replicas run. Every method is idempotent: control repeats itself after a crash, and while what it sees is not what it asked for. */
export interface Backend {
  observe(model: Key, signal: AbortSignal): Promise<Observed>;
  /** Returns once the action is under way; its effect is seen by {@link observe}. Writes nothing when the place is so already. */
  perform(action: Action, signal: AbortSignal): Promise<void>;
  /**
   * Models of which something observed changed, or of which a wait of the place's own is over, such as a back-off. Ends when the signal
   * aborts. The first items are all Models that the place has anything of.
   */
  changes(signal: AbortSignal): AsyncIterable<Key>;
}
