import type { WireError } from "@slipway/base";
import type { ChatMessage, Sampling, TextInput, Tool } from "@slipway/protocol";
import type { ToolStyle } from "./tools/tool-style.ts";

/** How a model is loaded. */
export interface LlamaLoad {
  readonly modelFile: string;
  /** The entry of `node-llama-cpp`. */
  readonly library: string;
  /** The entry of the library of chat templates. */
  readonly templates: string;
  /** The program that renders them. */
  readonly templateProgram: string;
  readonly task: "generate" | "embed";
  readonly contextSize: number;
  readonly sequences: number;
  readonly threads: number;
}

/** What the worker says of a loaded model. */
export interface LlamaLoaded {
  /** Whether it has a chat template. */
  readonly chat: boolean;
  readonly tools: ToolStyle | undefined;
  /** May be a little more than was asked for. */
  readonly contextSize: number;
}

/** What is to be generated. */
export interface LlamaJob {
  readonly prompt: { readonly messages: readonly ChatMessage[]; readonly tools: readonly Tool[] } | { readonly input: TextInput };
  /** What the answer begins with: it is not part of what comes back. */
  readonly prefill?: string;
  /** A grammar of the whole answer. */
  readonly grammar?: string;
  /** A grammar of what comes after the answer has come to `after`. */
  readonly later?: { readonly after: string; readonly grammar: string };
  /** Whether special tokens are part of the text. */
  readonly special: boolean;
  readonly sampling: Sampling;
  readonly maxTokens?: number;
  readonly stop: readonly string[];
}

/** From the runner to its worker. */
export type ToWorker =
  | { readonly load: LlamaLoad }
  | { readonly id: number; readonly job: LlamaJob }
  | { readonly id: number; readonly embed: readonly TextInput[] }
  | { readonly cancel: number };

/** What became of one request, or a piece of it. */
export type LlamaEvent =
  | { readonly text: string }
  | { readonly end: "stop" | "length"; readonly promptTokens: number; readonly completionTokens: number }
  /** Embeddings as the base64 of their floats. */
  | { readonly vectors: readonly string[]; readonly tokens: number }
  | { readonly error: WireError };

/** From the worker to its runner. Events of one turn come together. */
export type FromWorker =
  | { readonly loaded: LlamaLoaded }
  | { readonly refused: WireError }
  | { readonly events: readonly (readonly [id: number, event: LlamaEvent])[] };
