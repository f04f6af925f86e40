import { isUtf8 } from "node:buffer";
import { type BytesData, datatypes, elementCount, type Tensor, type TensorData, type TensorSpec } from "@slipway/protocol";
import { replySlotBytes } from "./onnx/onnx-messages.ts";
import { holdsOutputs } from "./own-memory.ts";

/** Every piece of data begins at a multiple of it, where each typed array may begin. */
const word = 8;

interface Piece {
  /** One after the other, without a gap: the rows of several requests are one tensor. */
  readonly parts: readonly (TensorData | Uint8Array)[];
  readonly spec: TensorSpec | undefined;
  readonly length: number;
}

/**
 * Packs numbers, texts and tensors into one piece of memory that another thread reads: a message costs the same whatever it holds, and
 * structured clone of a large tensor costs twenty times a copy. Layout: the count of numbers, the numbers as float64, then data, each
 * piece at a multiple of 8 bytes. Made once and used again; {@link begin} empties it.
 */
export class BlockWriter {
  private readonly numbers: number[] = [];
  private readonly pieces: Piece[] = [];
  private dataLength = 0;

  begin(): void {
    this.numbers.length = 0;
    this.pieces.length = 0;
    this.dataLength = 0;
  }

  number(value: number): void {
    this.numbers.push(value);
  }

  text(value: string): void {
    const bytes = Buffer.from(value, "utf8");
    this.piece({ parts: [bytes], spec: undefined, length: bytes.length });
  }

  /** Shape and data; name and datatype are the reader's to know. The data may be in parts, which become one. */
  tensor(spec: TensorSpec, shape: readonly number[], parts: readonly TensorData[]): void {
    this.numbers.push(shape.length);
    for (const size of shape) this.numbers.push(size);
    const row = datatypes[spec.datatype];
    if (row.kind === "bytes") {
      const packed = packStrings(parts as readonly BytesData[]);
      this.piece({ parts: [packed], spec: undefined, length: packed.length });
    } else {
      let length = 0;
      for (const part of parts) length += part.length * row.size;
      this.piece({ parts, spec, length });
    }
  }

  /** Bytes that {@link writeTo} writes. */
  get length(): number {
    return word * (1 + this.numbers.length) + this.dataLength;
  }

  /** Writes everything into this memory, which has {@link length} bytes or more from `start`, a multiple of 8. */
  writeTo(memory: ArrayBufferLike, start = 0): void {
    const { numbers } = this;
    const head = new Float64Array(memory, start, 1 + numbers.length);
    head[0] = numbers.length;
    for (let index = 0; index < numbers.length; index += 1) head[index + 1] = numbers[index]!;
    let at = start + word * (1 + numbers.length);
    for (const { parts, spec, length } of this.pieces) {
      if (length > 0) writeParts(memory, at, parts, spec, length);
      at += padded(length);
    }
    // What was written must not keep the requests alive until the next block.
    this.pieces.length = 0;
  }

  private piece(piece: Piece): void {
    this.numbers.push(piece.length);
    this.pieces.push(piece);
    this.dataLength += padded(piece.length);
  }
}

/** Reads a block in the order it was written. Tensors are views of the block. */
export class BlockReader {
  private readonly memory: ArrayBufferLike;
  private readonly start: number;
  private readonly numbers: Float64Array;
  private next = 1;
  private at: number;

  /** `start` is a multiple of 8. */
  constructor(memory: ArrayBufferLike, start = 0) {
    this.memory = memory;
    this.start = start;
    const count = new Float64Array(memory, start, 1)[0]!;
    this.numbers = new Float64Array(memory, start, 1 + count);
    this.at = word * (1 + count);
  }

  /** Notes that the block's tensors are outputs of so many requests. Small blocks share memory, which cannot be given back. */
  holdsOutputs(requests: number): void {
    const { memory } = this;
    if (memory instanceof ArrayBuffer && memory.byteLength > replySlotBytes) holdsOutputs(memory, requests);
  }

  number(): number {
    const value = this.numbers[this.next]!;
    this.next += 1;
    return value;
  }

  text(): string {
    const length = this.number();
    const text = Buffer.from(this.memory as ArrayBuffer, this.start + this.at, length).toString("utf8");
    this.at += padded(length);
    return text;
  }

  tensor(spec: TensorSpec): Tensor {
    const rank = this.number();
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis += 1) shape.push(this.number());
    const length = this.number();
    const start = this.start + this.at;
    this.at += padded(length);
    const row = datatypes[spec.datatype];
    const data =
      row.kind === "bytes"
        ? unpackStrings(Buffer.from(this.memory as ArrayBuffer, start, length), elementCount(shape))
        : row.view(this.memory, start, length / row.size);
    return { name: spec.name, datatype: spec.datatype, shape, data };
  }
}

function writeParts(
  memory: ArrayBufferLike,
  at: number,
  parts: Piece["parts"],
  spec: TensorSpec | undefined,
  length: number,
): void {
  const row = spec === undefined ? datatypes.UINT8 : datatypes[spec.datatype];
  if (row.kind === "bytes") return;
  const target = row.view(memory, at, length / row.size);
  let written = 0;
  for (const part of parts) {
    (target as Uint8Array).set(part as Uint8Array, written);
    written += part.length;
  }
}

function padded(length: number): number {
  return Math.ceil(length / word) * word;
}

/** Each string as its length in bytes (uint32, little-endian) and its UTF-8. */
function packStrings(parts: readonly BytesData[]): Uint8Array {
  let length = 0;
  for (const strings of parts) for (const text of strings) length += 4 + Buffer.byteLength(text);
  const packed = Buffer.allocUnsafe(length);
  let at = 0;
  for (const strings of parts) {
    for (const text of strings) {
      const written = typeof text === "string" ? packed.write(text, at + 4) : text.length;
      if (typeof text !== "string") packed.set(text, at + 4);
      packed.writeUInt32LE(written, at);
      at += 4 + written;
    }
  }
  return packed;
}

/** Text where it is UTF-8, bytes where it is not. */
function unpackStrings(packed: Buffer, count: number): BytesData {
  const strings: (string | Uint8Array)[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const end = at + 4 + packed.readUInt32LE(at);
    const element = packed.subarray(at + 4, end);
    strings.push(isUtf8(element) ? element.toString("utf8") : new Uint8Array(element));
    at = end;
  }
  return strings;
}
