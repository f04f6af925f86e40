import { Fields, refused, type Unsupported } from "./openai-fields.ts";
import type { Generation, Sampling, TextInput } from "./openai-requests.ts";

/** The fields that {@link readGeneration} reads. */
export const generationFields = [
  "model",
  "temperature",
  "top_p",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "logit_bias",
  "max_tokens",
  "stop",
  "stream",
  "stream_options",
  // By OpenAI's own words it names the end user to the provider and changes nothing in the answer.
  "user",
] as const;

/** The most tokens that a request may ask for; every context is smaller. */
const mostTokens = 16_777_216;
const mostStops = 4;
const mostBiases = 1024;

/** Fields of both APIs for text that ask for what is not done here. */
export const unsupportedGeneration: Readonly<Record<string, Unsupported>> = {
  n: { harmless: [1], hint: "One answer for each request; send the request several times, with several seeds." },
};

/** What a request says that every request for text may say. `tokens` is another name for `max_tokens`, where there is one. */
export function readGeneration(fields: Fields, tokens?: string): Generation {
  const maxTokens = readMaxTokens(fields, tokens);
  const stream = fields.flag("stream") ?? false;
  fields.text("user");
  return {
    model: readModel(fields),
    sampling: readSampling(fields),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stop: readStop(fields),
    stream,
    includeUsage: readStreamOptions(fields, stream),
  };
}

/** The model that a request names. Throws `badRequest`. */
export function readModel(fields: Fields): string {
  const model = fields.needText("model");
  return model === "" ? fields.wrong("model", "the name of a model") : model;
}

/** A text, or a list of tokens. Undefined when it is neither. */
export function asTextInput(value: unknown): TextInput | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((token) => Number.isSafeInteger(token) && token >= 0) ? (value as number[]) : undefined;
}

function readMaxTokens(fields: Fields, other: string | undefined): number | undefined {
  const first = fields.whole("max_tokens", 1, mostTokens);
  const second = other === undefined ? undefined : fields.whole(other, 1, mostTokens);
  if (first !== undefined && second !== undefined && first !== second)
    throw refused("max_tokens", `"max_tokens" and "${other}" mean the same and must not differ.`);
  return second ?? first;
}

function readSampling(fields: Fields): Sampling {
  const seed = fields.whole("seed", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return {
    temperature: fields.number("temperature", 0, 2) ?? 1,
    topP: fields.number("top_p", 0, 1) ?? 1,
    ...(seed === undefined ? {} : { seed }),
    frequencyPenalty: fields.number("frequency_penalty", -2, 2) ?? 0,
    presencePenalty: fields.number("presence_penalty", -2, 2) ?? 0,
    logitBias: readBias(fields),
  };
}

function readBias(fields: Fields): [number, number][] {
  const value = fields.get("logit_bias");
  if (value === undefined) return [];
  if (typeof value !== "object" || Array.isArray(value)) return fields.wrong("logit_bias", "an object of token to number");
  const entries = Object.entries(value as Record<string, unknown>);
  if (entries.length > mostBiases) return fields.wrong("logit_bias", `an object of at most ${mostBiases} tokens`);
  return entries.map(([token, bias]) => {
    if (!/^(0|[1-9]\d{0,8})$/.test(token) || typeof bias !== "number" || bias < -100 || bias > 100)
      throw refused("logit_bias", `"logit_bias" must have tokens (whole numbers) with numbers from -100 to 100.`);
    return [Number(token), bias];
  });
}

function readStop(fields: Fields): string[] {
  const value = fields.get("stop");
  if (value === undefined) return [];
  const stops = typeof value === "string" ? [value] : value;
  const fits = (text: unknown) => typeof text === "string" && text !== "" && text.length <= 256;
  if (Array.isArray(stops) && stops.length <= mostStops && stops.every(fits)) return stops;
  return fields.wrong("stop", `a text, or at most ${mostStops} of them, of 1 to 256 characters`);
}

function readStreamOptions(fields: Fields, stream: boolean): boolean {
  const value = fields.get("stream_options");
  if (value === undefined) return false;
  if (!stream) throw refused("stream_options", `"stream_options" is for requests with "stream": true only.`);
  const options = new Fields(value, "stream_options", ["include_usage"], {
    include_obfuscation: { harmless: [false], hint: "Pieces of the answer are sent as they are." },
  });
  return options.flag("include_usage") ?? false;
}
