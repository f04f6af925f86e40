/** What of the OpenAI API is asked. */
export type OpenaiOperation = "chat" | "completion" | "embedding";

/** A request to the OpenAI API, however it came. */
export interface OpenaiCall {
  /** Absent means whatever the replica serves. */
  readonly namespace?: string;
  /** Absent means the one that the body names. */
  readonly model?: string;
  readonly operation: OpenaiOperation;
  /** Never compressed. */
  readonly body: Uint8Array;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** The answer to an {@link OpenaiCall}: whole, or in pieces as they come. Whoever stops iterating ends the work on it. */
export interface OpenaiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<Uint8Array>;
}
