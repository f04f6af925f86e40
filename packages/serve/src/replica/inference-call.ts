import type { Caller } from "../batch/caller.ts";

/** What a caller may ask of a model. */
export type Operation = "infer" | "metadata" | "ready";

/** One request to a replica, however it came. */
export interface InferenceCall {
  /** Absent means whatever the replica serves. */
  readonly namespace?: string;
  readonly model: string;
  /** Absent means whatever the replica serves. */
  readonly revision?: string;
  readonly operation: Operation;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Empty unless the operation is `infer`; never compressed. */
  readonly body: Uint8Array;
  readonly caller: Caller;
}

/** The answer to an {@link InferenceCall}. */
export interface InferenceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
}

/** The body of an answer: a text, bytes, or a list of bytes that is sent one after the other, so that tensors need not be copied beside their head. */
export type AnswerBody = string | Uint8Array | readonly Uint8Array[];

/** The body as bytes. */
export function bytesOf(body: AnswerBody): Uint8Array | readonly Uint8Array[] {
  return typeof body === "string" ? Buffer.from(body) : body;
}
