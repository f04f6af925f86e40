/** How the next token is chosen. */
export interface Sampling {
  /** 0 always takes the likeliest. Default 1. */
  readonly temperature: number;
  /** Only the likeliest tokens whose probabilities sum to this. Default 1: all. */
  readonly topP: number;
  /** The same seed and request give the same answer, as long as the same requests run beside it. */
  readonly seed?: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  /** What is added to the logits of tokens. */
  readonly logitBias: readonly (readonly [token: number, bias: number])[];
}

/** What requests for text have in common. */
export interface Generation {
  /** As the request names it: `NAME`, or `NAMESPACE/NAME`. */
  readonly model: string;
  readonly sampling: Sampling;
  /** Tokens of the answer at most; absent: as many as fit. */
  readonly maxTokens?: number;
  /** The answer ends before any of these. */
  readonly stop: readonly string[];
  readonly stream: boolean;
  /** Whether a stream ends with the usage. */
  readonly includeUsage: boolean;
}

/** A call of a tool: what the model asks for, and what it hears of again in later requests. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** One message of a chat. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string | undefined;
  readonly name?: string;
  readonly toolCalls?: readonly ToolCall[];
  readonly toolCallId?: string;
}

/** A function that the model may ask to have called. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. Absent: an object without properties. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** Which tools the answer may or must call: one by its name, any, one at least, or none. */
export type ToolChoice = "none" | "auto" | "required" | { readonly name: string };

/** What the answer must look like. `schema` is JSON Schema; without one, any JSON object. */
export type AnswerFormat =
  | { readonly type: "text" }
  | { readonly type: "json"; readonly schema?: Readonly<Record<string, unknown>> };

/** A request of `/v1/chat/completions`. */
export interface ChatRequest extends Generation {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  /** Whether one answer may have several calls. */
  readonly parallelToolCalls: boolean;
  readonly format: AnswerFormat;
}

/** A text, or its tokens. */
export type TextInput = string | readonly number[];

/** A request of `/v1/completions`. */
export interface CompletionRequest extends Generation {
  readonly prompt: TextInput;
}

/** A request of `/v1/embeddings`. */
export interface EmbeddingRequest {
  readonly model: string;
  readonly inputs: readonly TextInput[];
  readonly encoding: "float" | "base64";
  /** How many numbers each embedding must have. */
  readonly dimensions?: number;
}
