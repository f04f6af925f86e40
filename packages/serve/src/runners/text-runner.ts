import type { SlipwayError } from "@slipway/base";
import type { AnswerPiece, ChatRequest, CompletionRequest, FinishReason, TextInput, Usage } from "@slipway/protocol";

/** What a loaded model of text can do. */
export interface TextFacts {
  /** Text, or embeddings alone. */
  readonly task: "generate" | "embed";
  /** For model metadata, `FRAMEWORK_FORMAT`. */
  readonly platform: string;
  /** Tokens of a request and its answer together. */
  readonly contextSize: number;
  /** Requests that run at the same time. */
  readonly sequences: number;
  /** Numbers of an embedding. */
  readonly embeddingLength: number;
}

/** What happens in the course of an answer: its pieces, and once, at last, its end. */
export type TextEvent = AnswerPiece | { readonly finish: FinishReason; readonly usage: Usage };

/** A request for text, parsed. */
export type TextRequest = { readonly chat: ChatRequest } | { readonly completion: CompletionRequest };

/** Embeddings, one for each input, of length 1, and the tokens of all inputs. */
export interface Embeddings {
  readonly vectors: readonly Float32Array[];
  readonly tokens: number;
}

/** A loaded model of text. It runs in another process. */
export interface TextRunner {
  readonly facts: TextFacts;
  /** Requests that wait or run. */
  readonly inflight: number;
  /** Resolves with the reason when the runner ends, or is stuck, without being closed; never rejects. */
  readonly failed: Promise<SlipwayError>;
  /**
   * Answers a request piece by piece. Nothing of it runs any more soon after `signal` aborts, or the caller stops iterating. Throws `badRequest` for
   * what the model cannot do or does not fit its context, `overloaded` when too many wait, and what broke the model.
   */
  generate(request: TextRequest, signal: AbortSignal): AsyncIterable<TextEvent>;
  /** The embeddings of texts. Throws as {@link generate} does. */
  embed(inputs: readonly TextInput[], signal: AbortSignal): Promise<Embeddings>;
  /** Waits for the requests under way, and frees the model. */
  close(): Promise<void>;
}
