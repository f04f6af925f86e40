import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type GgufParts, type GgufValue, tinyLlama, tinyLlamaParts, writeGguf } from "@slipway/testkit";
import { bufferBytes } from "../onnx/byte-source.ts";
import { inspectGguf } from "./inspect-gguf.ts";

const inspect = (bytes: Buffer) => inspectGguf(bufferBytes(bytes), "model.gguf");
const refused = (bytes: Buffer, message: RegExp) => assert.throws(() => inspect(bytes), { code: "invalid", message });
const parts = tinyLlamaParts();

/** The tiny model with other metadata for some keys; undefined takes one away. */
function changed(values: Readonly<Record<string, GgufValue | undefined>>): Buffer {
  const metadata = parts.metadata.flatMap(([key, value]): GgufParts["metadata"] => {
    const next = Object.hasOwn(values, key) ? values[key] : value;
    return next === undefined ? [] : [[key, next]];
  });
  const added = Object.entries(values).filter(([key]) => !parts.metadata.some(([known]) => known === key));
  return writeGguf({ ...parts, metadata: [...metadata, ...(added as [string, GgufValue][])] });
}

function withFirstTensor(change: Partial<GgufParts["tensors"][number]>): Buffer {
  const [first, ...rest] = parts.tensors;
  return writeGguf({ ...parts, tensors: [{ ...first!, ...change }, ...rest] });
}

describe("a GGUF file", () => {
  test("says what it is", () => {
    assert.deepEqual(inspect(tinyLlama()), {
      architecture: "llama",
      contextLength: 512,
      embeddingLength: 384,
      task: "generate",
      chat: true,
    });
    const { task, chat } = inspect(tinyLlama({ template: null, pooling: 1 }));
    assert.deepEqual([task, chat], ["embed", false]);
  });

  test("is refused when it ends early, wherever that is", () => {
    const whole = tinyLlama();
    const head = whole.length - parts.tensors.reduce((sum, { data }) => sum + Math.ceil(data.length / 32) * 32, 0);
    for (let tried = 0; tried < 300; tried += 1)
      refused(whole.subarray(0, Math.floor((head * tried) / 300)), /not a whole GGUF model/);
    refused(whole.subarray(0, whole.length - 32), /"output.weight" ends at byte \d+, and the file at \d+/);
  });

  test("is refused or read when a bit of its head is another, and never anything else", () => {
    const whole = tinyLlama();
    for (let at = 0; at < 20_000; at += 37) {
      const broken = Buffer.from(whole);
      broken[at]! ^= 1 << (at % 8);
      try {
        inspect(broken);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "invalid", String(error));
      }
    }
  });

  test("is known by its content", () => {
    refused(Buffer.from("PK\x03\x04 and more", "latin1"), /it is a zip archive/);
    refused(Buffer.alloc(0), /an empty file/);
    refused(Buffer.from("hello, I am a model, believe me"), /does not begin with "GGUF"/);
  });

  const impossible: [string, Buffer, RegExp][] = [
    ["version 1", writeGguf({ ...parts, version: 1 }), /version 1/],
    ["big-endian order", writeGguf({ ...parts, version: 0x03000000 }), /big-endian/],
    ["no tensors", writeGguf({ ...parts, tensors: [] }), /no tensors/],
    ["a key twice", writeGguf({ ...parts, metadata: [...parts.metadata, parts.metadata[0]!] }), /general.architecture twice/],
    ["no architecture", changed({ "general.architecture": undefined }), /general.architecture/],
    ["a picture part", changed({ "general.architecture": { text: "clip" } }), /picture part/],
    ["a part of several", changed({ "split.count": { u32: 3 } }), /one of 3 parts/],
    ["no context", changed({ "llama.context_length": undefined }), /llama.context_length/],
    ["a context of a billion", changed({ "llama.context_length": { u32: 4e9 } }), /llama.context_length/],
    ["an odd alignment", changed({ "general.alignment": { u32: 33 } }), /power of two/],
    ["no tokens", changed({ "tokenizer.ggml.tokens": undefined }), /no list of tokens/],
    ["too few scores", changed({ "tokenizer.ggml.scores": { f32s: [0] } }), /tokenizer.ggml.scores/],
    ["types that are texts", changed({ "tokenizer.ggml.token_type": { texts: ["a"] } }), /token_type/],
    ["an end that is no token", changed({ "tokenizer.ggml.eos_token_id": { u32: 5_000 } }), /eos_token_id/],
    ["a template that is a number", changed({ "tokenizer.chat_template": { u32: 1 } }), /chat template/],
    [
      "a template of a megabyte",
      changed({ "tokenizer.chat_template": { text: "x".repeat(2 ** 20) } }),
      /1048576 bytes for tokenizer.chat_template/,
    ],
    ["five dimensions", withFirstTensor({ shape: [1, 1, 1, 1, 1] }), /5 dimensions/],
    ["a dimension of 0", withFirstTensor({ shape: [0, 4] }), /impossible shape/],
    ["a shape beyond 2^64", withFirstTensor({ shape: [2 ** 40, 2 ** 40] }), /impossible shape/],
    ["an unknown type", withFirstTensor({ type: 4 }), /type 4/],
    ["a part of a block", withFirstTensor({ type: 12, shape: [384, 377] }), /whole blocks of 256/],
    ["a tensor beyond the end", withFirstTensor({ offset: 2n ** 40n }), /ends at byte/],
    ["a tensor at 2^63", withFirstTensor({ offset: 2n ** 63n }), /bytes before the tensor/],
    ["a tensor at an odd byte", withFirstTensor({ offset: 7n }), /multiple of 32/],
    ["two tensors in one place", withFirstTensor({ shape: [384, 1000] }), /shares bytes/],
    ["a tensor twice", writeGguf({ ...parts, tensors: [...parts.tensors, parts.tensors[0]!] }), /twice/],
  ];
  for (const [what, bytes, message] of impossible) test(`is refused with ${what}`, () => refused(bytes, message));

  test("is refused when it promises more than it has, before memory is taken for it", () => {
    const bytes = Buffer.from(tinyLlama());
    bytes.writeBigUInt64LE(2n ** 62n, 8);
    refused(bytes, /4611686018427387904 tensors/);
    bytes.writeBigUInt64LE(12n, 8);
    bytes.writeBigUInt64LE(2n ** 60n, 16);
    refused(bytes, /entries of metadata/);
  });
});
