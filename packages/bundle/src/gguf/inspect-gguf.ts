import { SlipwayError } from "@slipway/base";
import type { ByteSource } from "../onnx/byte-source.ts";
import { foreignFormat, foreignHead } from "../onnx/foreign-format.ts";
import { type GgufEntry, GgufReader, MalformedGguf } from "./gguf-reader.ts";
import { checkTensors, readTensors } from "./gguf-tensors.ts";

/** What a GGUF file says about itself. */
export interface GgufModel {
  /** e.g. `llama`, `qwen3`. */
  readonly architecture: string;
  /** Tokens that it was trained for. */
  readonly contextLength: number;
  /** Numbers of an embedding. */
  readonly embeddingLength: number;
  /** Text, or embeddings alone: then it says how they are pooled. */
  readonly task: "generate" | "embed";
  /** Whether it has a chat template. */
  readonly chat: boolean;
}

type Metadata = ReadonlyMap<string, GgufEntry>;

const mostEntries = 4096;
const mostKeyBytes = 256;
/** The largest chat templates have some 20 KiB. Other texts are licences and the like. */
const mostTextBytes = 256 * 1024;
const mostLength = 2 ** 27;
const hint = "Convert the model again with llama.cpp's convert_hf_to_gguf.py, and check that the file is whole.";

/**
 * Checks the head of a GGUF file before any native code reads it, and says what it is: counts, texts, the vocabulary's lists, and that every
 * tensor lies inside the file and beside the others. Nothing of it is run. Throws `invalid`.
 */
export function inspectGguf(source: ByteSource, path: string): GgufModel {
  const head = Buffer.alloc(Math.min(foreignHead, source.size));
  source.read(head, 0);
  try {
    if (head.toString("latin1", 0, 4) !== "GGUF") {
      const foreign = source.size === 0 ? "an empty file" : foreignFormat(head);
      throw new MalformedGguf(foreign === undefined ? 'it does not begin with "GGUF"' : `it is ${foreign}`);
    }
    return readModel(new GgufReader(source), source.size);
  } catch (caught) {
    if (!(caught instanceof MalformedGguf)) throw caught;
    const message = `not a whole GGUF model: ${caught.message}`;
    throw new SlipwayError("invalid", `${path} is ${message}.`, {
      hint,
      problems: [{ path, message, reason: "FieldValueInvalid" }],
      cause: caught,
    });
  }
}

function readModel(reader: GgufReader, size: number): GgufModel {
  reader.at = 4;
  const version = reader.u32();
  if (version === 0x03000000 || version === 0x02000000) throw new MalformedGguf("it is written in big-endian order");
  if (version !== 2 && version !== 3) throw new MalformedGguf(`it has version ${version}; 2 and 3 can be read`);
  const tensorCount = reader.count(65_536, "tensors");
  const metadata = readMetadata(reader, reader.count(mostEntries, "entries of metadata"));
  const tensors = readTensors(reader, tensorCount);
  checkTensors(tensors, { headEnd: reader.at, size, alignment: alignmentOf(metadata) });
  return describe(metadata);
}

function readMetadata(reader: GgufReader, count: number): Metadata {
  const metadata = new Map<string, GgufEntry>();
  for (let index = 0; index < count; index += 1) {
    const key = reader.text(mostKeyBytes, "a key");
    if (!/^[\w.-]+$/.test(key)) throw new MalformedGguf(`it has a key ${JSON.stringify(key.slice(0, 64))}`);
    if (metadata.has(key)) throw new MalformedGguf(`it has ${key} twice`);
    metadata.set(key, reader.value(mostTextBytes, key));
  }
  return metadata;
}

function alignmentOf(metadata: Metadata): number {
  const alignment = metadata.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || alignment < 8 || alignment > 65_536 || (alignment & (alignment - 1)) !== 0)
    throw new MalformedGguf("its general.alignment is no power of two from 8 to 65536");
  return alignment;
}

function describe(metadata: Metadata): GgufModel {
  const architecture = metadata.get("general.architecture");
  if (typeof architecture !== "string" || !/^[a-z0-9][a-z0-9_-]{0,63}$/.test(architecture))
    throw new MalformedGguf("it does not say its general.architecture");
  if (architecture === "clip") throw new MalformedGguf("it is the picture part of a model, not the model");
  const parts = metadata.get("split.count");
  if (parts !== undefined && parts !== 0 && parts !== 1)
    throw new MalformedGguf(`it is one of ${parts} parts; join them with llama-gguf-split --merge`);
  const length = (name: string) => {
    const value = metadata.get(`${architecture}.${name}`);
    if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= mostLength) return value;
    throw new MalformedGguf(`its ${architecture}.${name} is no whole number from 1 to ${mostLength}`);
  };
  length("block_count");
  checkVocabulary(metadata);
  const template = metadata.get("tokenizer.chat_template");
  if (template !== undefined && typeof template !== "string") throw new MalformedGguf("its chat template is no text");
  const pooling = metadata.get(`${architecture}.pooling_type`);
  return {
    architecture,
    contextLength: length("context_length"),
    embeddingLength: length("embedding_length"),
    task: typeof pooling === "number" && pooling !== 0 ? "embed" : "generate",
    chat: typeof template === "string" && template !== "",
  };
}

/** llama.cpp takes it for granted that the lists about tokens are as long as the list of tokens. */
function checkVocabulary(metadata: Metadata): void {
  const tokens = metadata.get("tokenizer.ggml.tokens");
  if (typeof metadata.get("tokenizer.ggml.model") !== "string") throw new MalformedGguf("it has no tokenizer");
  if (typeof tokens !== "object" || tokens.type !== 8 || tokens.length === 0) throw new MalformedGguf("it has no list of tokens");
  for (const [name, types] of [
    ["scores", [6]],
    ["token_type", [4, 5]],
  ] as const) {
    const list = metadata.get(`tokenizer.ggml.${name}`);
    if (list === undefined) continue;
    if (typeof list !== "object" || !types.some((type) => type === list.type) || list.length !== tokens.length)
      throw new MalformedGguf(`its tokenizer.ggml.${name} is no list of ${tokens.length} numbers, one for each token`);
  }
  for (const [key, value] of metadata) {
    if (!/^tokenizer\.ggml\.\w+_token_id$/.test(key)) continue;
    // 2^32 - 1 is llama.cpp's "none".
    if (typeof value === "number" && (value === 0xffff_ffff || value === -1 || (value >= 0 && value < tokens.length))) continue;
    throw new MalformedGguf(`its ${key} is none of its ${tokens.length} tokens`);
  }
}
