import { f16Data, f32Data, type GgufParts, type GgufValue, writeGguf } from "./write-gguf.ts";

/** The chat template of {@link tinyLlama}: Hermes' way of writing calls, and another marker of the assistant's turn when there are tools. */
export const tinyTemplate = [
  "{{ bos_token }}",
  "{% if tools %}<|system|>You may call: {% for tool in tools %}{{ tool | tojson }}{% endfor %}<|end|>{% endif %}",
  "{% for message in messages %}",
  "{% if message.role == 'assistant' %}{{ '<|use|>' if tools else '<|assistant|>' }}{% else %}<|{{ message.role }}|>{% endif %}",
  "{% if message.content %}{{ message.content }}{% endif %}",
  "{% for call in message.tool_calls or [] %}",
  "<tool_call>\n{{ {'name': call.function.name, 'arguments': call.function.arguments} | tojson }}\n</tool_call>",
  "{% endfor %}<|end|>{% endfor %}",
  "{% if add_generation_prompt %}{{ '<|use|>' if tools else '<|assistant|>' }}{% endif %}",
].join("");

const control = ["<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>", "<|end|>", "<|use|>"];
const words = [
  "Hello",
  "▁world",
  "tick",
  "▁tick",
  "▁tock",
  "<tool_call>",
  '{"name":▁"weather",▁"arguments":▁{"city":▁"Paris"}}',
  "</tool_call>",
];
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index).replace(" ", "▁"));
const bytes = Array.from({ length: 256 }, (_, index) => `<0x${index.toString(16).toUpperCase().padStart(2, "0")}>`);
const digits = [..."0123456789"];

/** What is said after what: for each token those that are likely to follow. Whatever is not here may be followed by anything. */
const chain: readonly (readonly [token: string, ...next: string[]])[] = [
  ["<|assistant|>", "Hello"],
  ["Hello", ","],
  [",", "▁world"],
  ["▁world", "!"],
  ["!", "<|end|>"],
  // Without an end.
  [":", "tick"],
  ["tick", "▁tock"],
  ["▁tock", "▁tick"],
  ["▁tick", "▁tock"],
  // Any of ten.
  ["=", ...digits],
  ...digits.map((digit) => [digit, ...digits] as [string, ...string[]]),
  // One character in two tokens.
  ["?", "<0xC3>"],
  ["<0xC3>", "<0xA9>"],
  ["<0xA9>", "<|end|>"],
  // A text in JSON ends at once.
  ['"', '"'],
  ["<|use|>", "<tool_call>"],
  ["<tool_call>", "<0x0A>"],
  ["<0x0A>", words[6]!],
  [words[6]!, "</tool_call>"],
  ["</tool_call>", "<|end|>"],
];

/** What of {@link tinyLlama} may be otherwise. */
export interface TinyLlamaOptions {
  /** Tokens that it was trained for, as its file says. Default 512. */
  readonly contextLength?: number;
  /** Default {@link tinyTemplate}; null for none. */
  readonly template?: string | null;
  /** Makes it a model for embeddings: 1 is the mean, 2 the first token's, 3 the last one's. */
  readonly pooling?: number;
  /** More work for each token, for benchmarks: layers whose results do not matter. Default 1. */
  readonly layers?: number;
  /** Metadata after the usual. */
  readonly more?: GgufParts["metadata"];
}

/** A model of the Llama architecture, below 1 MB, that says the same at each temperature that is not high: after "Hello" comes a comma. */
export function tinyLlama(options: TinyLlamaOptions = {}): Buffer {
  return writeGguf(tinyLlamaParts(options));
}

/** The parts of {@link tinyLlama}, to be broken. */
export function tinyLlamaParts(options: TinyLlamaOptions = {}): GgufParts {
  const { contextLength = 512, template = tinyTemplate, pooling, layers = 1, more = [] } = options;
  const tokens = ["<unk>", ...control, ...bytes, ...printable, ...words];
  const types = tokens.map((_, index) => tokenType(index));
  // One dimension for each token, and whole heads of 64.
  const width = Math.ceil(tokens.length / 64) * 64;
  const metadata: [string, GgufValue][] = [
    ["general.architecture", { text: "llama" }],
    ["general.name", { text: "tiny" }],
    ["llama.context_length", { u32: contextLength }],
    ["llama.embedding_length", { u32: width }],
    ["llama.block_count", { u32: layers }],
    ["llama.feed_forward_length", { u32: 64 }],
    ["llama.attention.head_count", { u32: width / 64 }],
    ["llama.attention.head_count_kv", { u32: 1 }],
    ["llama.attention.layer_norm_rms_epsilon", { f32: 1e-5 }],
    ["llama.rope.dimension_count", { u32: 64 }],
    ["tokenizer.ggml.model", { text: "llama" }],
    ["tokenizer.ggml.tokens", { texts: tokens }],
    ["tokenizer.ggml.scores", { f32s: tokens.map(() => 0) }],
    ["tokenizer.ggml.token_type", { i32s: types }],
    ["tokenizer.ggml.bos_token_id", { u32: tokens.indexOf("<s>") }],
    ["tokenizer.ggml.eos_token_id", { u32: tokens.indexOf("<|end|>") }],
    ["tokenizer.ggml.unknown_token_id", { u32: 0 }],
    ["tokenizer.ggml.add_bos_token", { bool: true }],
    ["tokenizer.ggml.add_space_prefix", { bool: false }],
  ];
  if (template !== null) metadata.push(["tokenizer.chat_template", { text: template }]);
  if (pooling !== undefined) metadata.push(["llama.pooling_type", { u32: pooling }]);
  const ones = f32Data(new Float32Array(width).fill(1));
  const matrix = (name: string, rows: number, columns: number, fill?: (data: Float32Array) => void) => {
    const data = new Float32Array(rows * columns);
    fill?.(data);
    return { name, shape: [columns, rows], type: 1, data: f16Data(data) };
  };
  const vector = (name: string) => ({ name, shape: [width], type: 0, data: ones });
  const blocks = Array.from({ length: layers }, (_, layer) => [
    vector(`blk.${layer}.attn_norm.weight`),
    matrix(`blk.${layer}.attn_q.weight`, width, width),
    matrix(`blk.${layer}.attn_k.weight`, 64, width),
    matrix(`blk.${layer}.attn_v.weight`, 64, width),
    matrix(`blk.${layer}.attn_output.weight`, width, width),
    vector(`blk.${layer}.ffn_norm.weight`),
    matrix(`blk.${layer}.ffn_gate.weight`, 64, width),
    matrix(`blk.${layer}.ffn_up.weight`, 64, width),
    matrix(`blk.${layer}.ffn_down.weight`, width, 64),
  ]);
  const embedding = matrix("token_embd.weight", tokens.length, width, (data) => {
    for (let token = 0; token < tokens.length; token += 1) data[token * width + token] = 1;
  });
  const output = matrix("output.weight", tokens.length, width, (data) => {
    const firstCharacter = 1 + control.length + bytes.length;
    // Where nothing is said the end, and where that may not be characters rather than the bytes that they could be written with.
    for (let character = firstCharacter; character < firstCharacter + printable.length; character += 1)
      data.fill(0.1, character * width, (character + 1) * width);
    const end = tokens.indexOf("<|end|>") * width;
    data.fill(0.2, end, end + width);
    for (const [token, ...next] of chain) {
      for (const follower of next) data[tokens.indexOf(follower) * width + tokens.indexOf(token)] = 1;
    }
  });
  return { metadata: [...metadata, ...more], tensors: [embedding, ...blocks.flat(), vector("output_norm.weight"), output] };
}

/** As llama.cpp has it: 1 normal, 2 unknown, 3 control, 6 byte. */
function tokenType(index: number): number {
  if (index === 0) return 2;
  if (index <= control.length) return 3;
  return index <= control.length + bytes.length ? 6 : 1;
}
