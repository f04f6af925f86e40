/** A value of GGUF's metadata; whole numbers are written as 32 bits unless they are BigInt. */
export type GgufValue =
  | { readonly u32: number }
  | { readonly u64: bigint }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly f32s: readonly number[] }
  | { readonly i32s: readonly number[] };

/** A tensor to write. `shape` is in GGUF's order: the first dimension is the one whose elements lie side by side. */
export interface GgufTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of ggml's types: 0 is F32, 1 is F16. */
  readonly type: number;
  readonly data: Uint8Array;
  /** Where it lies; after the one before unless said. */
  readonly offset?: bigint;
}

/** What {@link writeGguf} writes. */
export interface GgufParts {
  readonly metadata: readonly (readonly [key: string, value: GgufValue])[];
  readonly tensors: readonly GgufTensor[];
  readonly version?: number;
}

const alignment = 32;

/** The bytes of a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). */
export function writeGguf({ metadata, tensors, version = 3 }: GgufParts): Buffer {
  const head = [
    Buffer.from("GGUF"),
    u32(version),
    u64(BigInt(tensors.length)),
    u64(BigInt(metadata.length)),
    ...metadata.flatMap(([key, value]) => [text(key), encode(value)]),
  ];
  const bodies: Buffer[] = [];
  let end = 0;
  for (const { name, shape, type, data, offset } of tensors) {
    head.push(text(name), u32(shape.length), ...shape.map((size) => u64(BigInt(size))), u32(type), u64(offset ?? BigInt(end)));
    const padded = Buffer.alloc(aligned(data.length));
    padded.set(data);
    bodies.push(padded);
    end += padded.length;
  }
  const start = Buffer.concat(head);
  return Buffer.concat([start, Buffer.alloc(aligned(start.length) - start.length), ...bodies]);
}

/** Numbers as the bytes of a tensor of type F32. */
export function f32Data(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Numbers as the bytes of a tensor of type F16. */
export function f16Data(values: Float32Array): Uint8Array {
  const half = new Float16Array(values);
  return new Uint8Array(half.buffer);
}

function encode(value: GgufValue): Buffer {
  if ("u32" in value) return Buffer.concat([u32(4), u32(value.u32)]);
  if ("u64" in value) return Buffer.concat([u32(10), u64(value.u64)]);
  if ("f32" in value) return Buffer.concat([u32(6), f32(value.f32)]);
  if ("bool" in value) return Buffer.concat([u32(7), Buffer.from([value.bool ? 1 : 0])]);
  if ("text" in value) return Buffer.concat([u32(8), text(value.text)]);
  if ("texts" in value) return list(8, value.texts.map(text));
  if ("f32s" in value) return list(6, value.f32s.map(f32));
  return list(
    5,
    value.i32s.map((number) => u32(number >>> 0)),
  );
}

function list(type: number, items: readonly Buffer[]): Buffer {
  return Buffer.concat([u32(9), u32(type), u64(BigInt(items.length)), ...items]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(BigInt(bytes.length)), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
