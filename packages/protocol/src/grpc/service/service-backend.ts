import type { Clock } from "@slipway/base";
import type { IndexEntry } from "../../oip/repository.ts";

/** What a call offers to the service: what a server of gRPC gives it. */
export interface ServiceCall {
  /** Aborted when nobody waits for an answer any more. */
  readonly signal: AbortSignal;
  /** Aborted when the server begins to drain. */
  readonly closing: AbortSignal;
  /** The one message of a unary call. */
  message(): Promise<Buffer>;
  /** The next message; undefined after the last. */
  next(): Promise<Buffer | undefined>;
  /** Sends a message; resolves when the next one may come. */
  send(message: Uint8Array | readonly Uint8Array[]): Promise<void>;
}

/** One method of a service. */
export interface ServiceMethod<Call extends ServiceCall> {
  readonly path: string;
  readonly manyRequests: boolean;
  /** Whether it tells nothing that anybody who reaches the port may not know. */
  readonly open: boolean;
  readonly handler: (call: Call) => Promise<void>;
}

/** A model's answer, as it travels inside the platform: bytes of a message with status 200, else the JSON of an error. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Uint8Array | readonly Uint8Array[];
}

/** Whoever answers for the models: one replica, or all behind a gateway. */
export interface ServiceBackend<Call extends ServiceCall> {
  readonly clock: Clock;
  /** Of Slipway. */
  readonly version: string;
  readonly extensions: readonly string[];
  /** Why no requests should come now, one sentence; undefined when they may. */
  notReady(): string | undefined;
  /** A model's own JSON: its metadata, or whether it is ready. An empty version means any. */
  ask(call: Call, what: "metadata" | "ready", model: string, version: string): Promise<ServiceAnswer>;
  /** The answer to the bytes of a `ModelInferRequest`. */
  infer(call: Call, message: Buffer, model: string, version: string): Promise<ServiceAnswer>;
  /** The same, sent as the one answer of its call; for whoever can pass it on piece by piece. */
  inferInto?(call: Call, message: Buffer, model: string, version: string): Promise<void>;
  index(call: Call): readonly IndexEntry[];
  /** Throws what keeps the model from it. */
  load(call: Call, model: string): Promise<void>;
  /** Throws what keeps the model from it. */
  unload(call: Call, model: string): Promise<void>;
}
