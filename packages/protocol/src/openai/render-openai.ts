import type { SlipwayError } from "@slipway/base";
import type { ToolCall } from "./openai-requests.ts";

/** Why an answer ended. */
export type FinishReason = "stop" | "length" | "tool_calls";

/** Tokens that a request took. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** A piece of an answer as it comes: text, or of a call the name at its beginning and later its arguments. */
export type AnswerPiece =
  | { readonly text: string }
  | { readonly call: { readonly index: number; readonly id?: string; readonly name?: string; readonly arguments: string } };

/** What every answer to one request says of itself. */
export interface AnswerHead {
  /** e.g. `chatcmpl-…`. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** As the request names it. */
  readonly model: string;
  /** What the same seed must be asked of for the same answer: the revision. */
  readonly fingerprint: string;
}

/** A whole answer. */
export interface WholeAnswer {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly finish: FinishReason;
  readonly usage: Usage;
}

/** How one of the two APIs for text puts its answers. */
export interface TextFormat {
  /** The beginning of the ids of answers. */
  readonly idPrefix: string;
  /** A whole answer. */
  whole(head: AnswerHead, answer: WholeAnswer): unknown;
  /** The chunk that begins a stream; undefined where there is none. */
  first(head: AnswerHead): unknown;
  piece(head: AnswerHead, piece: AnswerPiece): unknown;
  last(head: AnswerHead, finish: FinishReason): unknown;
  /** The chunk that says the usage, after the last. */
  usage(head: AnswerHead, usage: Usage): unknown;
}

/** `/v1/chat/completions`: https://platform.openai.com/docs/api-reference/chat. */
export const chatFormat: TextFormat = {
  idPrefix: "chatcmpl-",
  whole: (head, { text, calls, finish, usage }) => ({
    ...common(head, "chat.completion"),
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: calls.length > 0 && text === "" ? null : text,
          refusal: null,
          ...(calls.length === 0 ? {} : { tool_calls: calls.map(renderCall) }),
        },
        logprobs: null,
        finish_reason: finish,
      },
    ],
    usage: renderUsage(usage),
  }),
  first: (head) => chatChunk(head, { role: "assistant", content: "" }, null),
  piece: (head, piece) =>
    chatChunk(head, "text" in piece ? { content: piece.text } : { tool_calls: [callDelta(piece.call)] }, null),
  last: (head, finish) => chatChunk(head, {}, finish),
  usage: (head, usage) => ({ ...common(head, "chat.completion.chunk"), choices: [], usage: renderUsage(usage) }),
};

/** `/v1/completions`: https://platform.openai.com/docs/api-reference/completions. */
export const completionFormat: TextFormat = {
  idPrefix: "cmpl-",
  whole: (head, { text, finish, usage }) => ({ ...completion(head, text, finish), usage: renderUsage(usage) }),
  first: () => undefined,
  piece: (head, piece) => completion(head, "text" in piece ? piece.text : "", null),
  last: (head, finish) => completion(head, "", finish),
  usage: (head, usage) => ({ ...common(head, "text_completion"), choices: [], usage: renderUsage(usage) }),
};

/** One event of a stream, with its value as JSON. */
export function serverSentEvent(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** What ends a stream. */
export const endOfStream = "data: [DONE]\n\n";

/** The answer of `/v1/embeddings`. */
export function renderEmbeddings(
  model: string,
  vectors: readonly Float32Array[],
  encoding: "float" | "base64",
  tokens: number,
): unknown {
  return {
    object: "list",
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: encodeVector(vector, encoding) })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** A model as `/v1/models` has it. `created`: seconds since 1970. */
export interface ListedModel {
  readonly id: string;
  readonly created: number;
}

/** One model of `/v1/models`. */
export function renderListedModel({ id, created }: ListedModel): unknown {
  return { id, object: "model", created, owned_by: "slipway" };
}

/** The answer of `/v1/models`. */
export function renderListedModels(models: readonly ListedModel[]): unknown {
  return { object: "list", data: models.map(renderListedModel) };
}

/** The body of an error as OpenAI's clients read it. */
export function openaiErrorBody(error: SlipwayError): unknown {
  const [problem] = error.problems;
  const message = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
  return { error: { message, type: errorType(error.httpStatus), param: problem?.path ?? null, code: error.code } };
}

function errorType(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

function common({ id, created, model, fingerprint }: AnswerHead, object: string) {
  return { id, object, created, model, system_fingerprint: fingerprint };
}

function chatChunk(head: AnswerHead, delta: unknown, finish: FinishReason | null) {
  return { ...common(head, "chat.completion.chunk"), choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] };
}

function completion(head: AnswerHead, text: string, finish: FinishReason | null) {
  return { ...common(head, "text_completion"), choices: [{ text, index: 0, logprobs: null, finish_reason: finish }] };
}

function renderCall({ id, name, arguments: text }: ToolCall) {
  return { id, type: "function", function: { name, arguments: text } };
}

function callDelta({ index, id, name, arguments: text }: Extract<AnswerPiece, { call: unknown }>["call"]) {
  const begins = id === undefined ? {} : { id, type: "function" };
  return { index, ...begins, function: { ...(name === undefined ? {} : { name }), arguments: text } };
}

function renderUsage({ promptTokens, completionTokens }: Usage) {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}

function encodeVector(vector: Float32Array, encoding: "float" | "base64"): number[] | string {
  if (encoding === "float") return Array.from(vector);
  // OpenAI's clients read little-endian floats, which is this machine's order on every platform Node.js runs on here.
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}
