import { refuseDuplicateFields } from "../oip/duplicate-fields.ts";
import { parseJson } from "../oip/parse-json.ts";
import { Fields, refused, type Unsupported } from "./openai-fields.ts";
import type { ChatRequest, CompletionRequest, EmbeddingRequest, TextInput } from "./openai-requests.ts";
import { asTextInput, generationFields, readGeneration, readModel, unsupportedGeneration } from "./read-generation.ts";
import { readMessages } from "./read-messages.ts";
import { readAnswerFormat, readToolChoice, readTools } from "./read-tools.ts";

const mostInputs = 2048;
/** What `/v1/completions` generates when a request does not say, as OpenAI has it. */
const defaultCompletionTokens = 16;

const noneOfIt = "Leave it out.";
const unsupportedChat: Readonly<Record<string, Unsupported>> = {
  ...unsupportedGeneration,
  logprobs: { harmless: [false], hint: noneOfIt },
  top_logprobs: { harmless: [0], hint: noneOfIt },
  functions: { hint: 'Use "tools".' },
  function_call: { hint: 'Use "tool_choice".' },
  modalities: { harmless: [["text"]], hint: "This model answers with text." },
  audio: { hint: "This model answers with text." },
  prediction: { hint: noneOfIt },
  reasoning_effort: { hint: noneOfIt },
  verbosity: { hint: noneOfIt },
  web_search_options: { hint: "Nothing is fetched for a request." },
  store: { harmless: [false], hint: "Requests are not stored." },
  metadata: { harmless: [{}], hint: "Requests are not stored." },
  service_tier: { harmless: ["auto", "default"], hint: noneOfIt },
  prompt_cache_key: { hint: "Nothing is kept of a request." },
  safety_identifier: { hint: noneOfIt },
};

const unsupportedCompletion: Readonly<Record<string, Unsupported>> = {
  ...unsupportedGeneration,
  best_of: { harmless: [1], hint: "One answer for each request." },
  echo: { harmless: [false], hint: "Put the prompt before the answer yourself." },
  logprobs: { hint: noneOfIt },
  suffix: { harmless: [""], hint: noneOfIt },
};

/** A request of `/v1/chat/completions` from its bytes. Throws `badRequest`. */
export function parseChatRequest(body: Uint8Array): ChatRequest {
  const known = [
    ...generationFields,
    "messages",
    "max_completion_tokens",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
  ];
  const fields = new Fields(parseBody(body), "", known, unsupportedChat);
  const generation = readGeneration(fields, "max_completion_tokens");
  const tools = readTools(fields);
  const toolChoice = readToolChoice(fields, tools);
  const format = readAnswerFormat(fields);
  const parallel = fields.flag("parallel_tool_calls");
  if (format.type === "json" && toolChoice !== "none")
    throw refused("response_format", `"response_format" other than text does not go with tools that may be called.`);
  return { ...generation, messages: readMessages(fields), tools, toolChoice, parallelToolCalls: parallel ?? true, format };
}

/** A request of `/v1/completions` from its bytes. Throws `badRequest`. */
export function parseCompletionRequest(body: Uint8Array): CompletionRequest {
  const fields = new Fields(parseBody(body), "", [...generationFields, "prompt"], unsupportedCompletion);
  return { maxTokens: defaultCompletionTokens, ...readGeneration(fields), prompt: readPrompt(fields) };
}

/** A request of `/v1/embeddings` from its bytes. Throws `badRequest`. */
export function parseEmbeddingRequest(body: Uint8Array): EmbeddingRequest {
  const fields = new Fields(parseBody(body), "", ["model", "input", "encoding_format", "dimensions", "user"]);
  fields.text("user");
  const dimensions = fields.whole("dimensions", 1, 1_000_000);
  return {
    model: readModel(fields),
    inputs: readInputs(fields),
    encoding: fields.oneOf("encoding_format", "float", "base64") ?? "float",
    ...(dimensions === undefined ? {} : { dimensions }),
  };
}

/** The model that a request to the OpenAI API names, whatever else it says. Throws `badRequest`. */
export function readRequestedModel(body: Uint8Array): string {
  const value = parseBody(body);
  const model = typeof value === "object" && value !== null && "model" in value ? value.model : undefined;
  if (typeof model === "string" && model !== "") return model;
  throw refused("model", `The request must be a JSON object whose "model" is the name of a model.`);
}

function parseBody(body: Uint8Array): unknown {
  const what = "The request body";
  const value = parseJson(body, what);
  refuseDuplicateFields(body, value, what);
  return value;
}

function readPrompt(fields: Fields): TextInput {
  const value = fields.get("prompt");
  const only = Array.isArray(value) && value.length === 1 ? (asTextInput(value) ?? asTextInput(value[0])) : asTextInput(value);
  if (only !== undefined) return only;
  if (!Array.isArray(value) || value.length < 2) return fields.wrong("prompt", "a text, or a list of tokens");
  throw refused("prompt", `"prompt" must be one text, or the tokens of one.`, "Send a request for each prompt.");
}

function readInputs(fields: Fields): TextInput[] {
  const value = fields.get("input");
  const one = asTextInput(value);
  if (one !== undefined && one.length > 0) return [one];
  if (!Array.isArray(value) || value.length === 0 || value.length > mostInputs)
    return fields.wrong("input", `a text, a list of tokens, or a list of 1 to ${mostInputs} such`);
  return value.map((item, index) => {
    const input = asTextInput(item);
    if (input === undefined || input.length === 0)
      throw refused(`input[${index}]`, `input[${index}] must be a text that is not empty, or a list of tokens.`);
    return input;
  });
}
