/** A model directory that every place can serve, or must refuse in the same way. */
export type ParitySource =
  /** The digits example, version 1. */
  | "digits-v1"
  /** The digits example, version 2. */
  | "digits-v2"
  /** Version 1 with the model of version 2: its golden samples do not agree. */
  | "wrong-answers"
  /** Version 1 with a golden sample that differs from the model's answer by a thousandth. */
  | "slightly-off"
  /** A model with an operation that no runtime knows. */
  | "cannot-load";

/** One call of the control API, as any Kubernetes client makes it. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With the query. */
  readonly path: string;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly body?: unknown;
}

/** One request to the gateway. */
export interface GatewayRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Sent as it is. */
  readonly body?: string;
}

/** An answer over HTTP; `body` is its JSON, or its text where it is none. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What one run of a command gave. */
export interface CommandAnswer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running Slipway, and everything the parity scenarios do to it. All but the last three are what its users do. */
export interface ParityPlace {
  readonly name: string;
  /** Where the scenarios' Models are made. */
  readonly namespace: string;
  /** `spec.source` as this place takes it: the digest, and an image where it needs one. */
  source(name: ParitySource): Promise<object>;
  api(request: ApiRequest): Promise<HttpAnswer>;
  gateway(request: GatewayRequest): Promise<HttpAnswer>;
  /** Runs `slipway`; the place adds how it is reached. */
  slipway(args: readonly string[], input?: string): Promise<CommandAnswer>;
  /** Runs the real kubectl. */
  kubectl(args: readonly string[], input?: string): Promise<CommandAnswer>;
  /** Kills one replica of a Model without a warning, and says which. */
  crashOneReplica(model: string): Promise<string>;
  /** Has one replica of a Model stopped from outside in the orderly way, as a node drain does, and says which. */
  drainOneReplica(model: string): Promise<string>;
  /** Kills the process that controls, and waits until it answers again. */
  restartControl(): Promise<void>;
}
