import type { GoldenVersion } from "./golden.ts";
import type { ApiRequest, GatewayRequest, ParitySource } from "./parity-place.ts";

/**
 * What must be the same in every place, as plain data. The Model a scenario makes has the scenario's name. In texts, `{model}`, `{namespace}`,
 * `{models}` (the API's path of Models), `{v2}` (the gateway's path of the Model) and `{NAME}` of what was remembered are filled in.
 */
export interface ParityScenario {
  readonly name: string;
  /** One sentence: what holds. */
  readonly title: string;
  readonly steps: readonly ParityStep[];
}

/** One thing to do, and what must be seen of it. */
export type ParityStep =
  | ApplyStep
  | ApiStep
  | GatewayStep
  | CommandStep
  | ObserveStep
  | RememberStep
  | { readonly do: "crash" | "drain" }
  | { readonly do: "restartControl" }
  | TrafficStep;

/** Server-side apply of the Model. */
export interface ApplyStep {
  readonly do: "apply";
  readonly source: ParitySource;
  /** Beside the source. */
  readonly spec?: Fields;
  readonly metadata?: Fields;
  readonly manager?: string;
  readonly force?: boolean;
  readonly answers?: ApiExpectation;
}

/** Any call of the control API. */
export interface ApiStep extends ApiRequest {
  readonly do: "api";
  /** What the body's `spec.source` says, as the place takes it. */
  readonly source?: ParitySource;
  readonly answers?: ApiExpectation;
}

/** An inference request. Without `path` and `body`: the golden request to the Model. */
export interface GatewayStep extends Partial<GatewayRequest> {
  readonly do: "infer";
  readonly answers: GatewayExpectation;
}

/** A command of `slipway` or `kubectl`. */
export interface CommandStep {
  readonly do: "slipway" | "kubectl";
  readonly args: readonly string[];
  /** The Model to give on standard input. */
  readonly input?: { readonly source: ParitySource; readonly spec?: Fields };
  /** Default 0. `failed` is any other. */
  readonly exit?: number | "failed";
  /** Regular expressions that what it printed must match. */
  readonly prints?: readonly string[];
}

/** What is seen of the Model within the time, `seconds` from now. */
export interface ObserveStep {
  readonly do: "observe";
  readonly seconds?: number;
  readonly model: ModelExpectation;
}

/** Keeps something of the Model under a name. */
export interface RememberStep {
  readonly do: "remember";
  readonly as: string;
  readonly what: "revision" | "instances" | "uid" | "resourceVersion";
}

/** Steady golden requests while the steps are done: each one is answered, and rightly. */
export interface TrafficStep {
  readonly do: "underTraffic";
  readonly steps: readonly ParityStep[];
  /** Versions whose answers are right; each must have been seen. */
  readonly versions: readonly GoldenVersion[];
}

/** Part of an object. */
export type Fields = { readonly [name: string]: unknown };

/** What the control API answers. */
export interface ApiExpectation {
  /** `refused` is any status from 400 to 422 that is not 401, 403, 404 or 409. Default: any 2xx. */
  readonly status?: number | "refused";
  /** `reason` of the Status. */
  readonly reason?: string;
  /** Regular expressions that the answer, as text, must match. */
  readonly says?: readonly string[];
  /** Fields that the answer must have, deeply. */
  readonly has?: Fields;
}

/** What the gateway answers. */
export interface GatewayExpectation {
  readonly status: number;
  readonly golden?: GoldenVersion;
  /** A remembered revision: the one that answered. */
  readonly revision?: string;
  /** The whole body; texts are filled in. */
  readonly body?: unknown;
  /** Regular expression that `error` must match. */
  readonly error?: string;
}

/** What is seen of a Model. Whatever is said here, the status must speak of the newest generation. */
export interface ModelExpectation {
  readonly conditions?: Readonly<Record<string, { readonly status?: string; readonly reason?: string; readonly says?: string }>>;
  readonly replicas?: number;
  readonly readyReplicas?: number;
  /** Shares by the remembered names of revisions. */
  readonly traffic?: Readonly<Record<string, number>>;
  /** `status.latestRevision`, by the name it was remembered under. */
  readonly revision?: { readonly is: string } | { readonly isNot: string };
  /** How many Revisions the Model has. */
  readonly revisions?: number;
  /** Replicas as remembered, none started anew; or not all of them. */
  readonly instances?: { readonly are: string } | { readonly areNot: string };
  readonly uid?: { readonly isNot: string };
  /** Nothing was written since. */
  readonly resourceVersion?: { readonly is: string };
  /** Reasons of events about it. */
  readonly events?: readonly string[];
  /** Fields it must have, deeply. */
  readonly has?: Fields;
  /** It does not exist, nor anything of it. */
  readonly gone?: true;
}
