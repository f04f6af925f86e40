import { type BytesData, datatypes, elementCount, type Tensor, type TensorData, type TensorSpec } from "@slipway/protocol";

const word = 8;
const noBytes = new Uint8Array(0);

/**
 * Packs numbers, texts and tensors into one ArrayBuffer that moves to another thread without a copy, many requests at once: a message
 * costs the same whatever it holds, and structured clone of a large tensor costs twenty times the move. Layout: the count of numbers, the
 * numbers as float64, then data, each piece at a multiple of 8 bytes, where every typed array may begin.
 */
export class BlockWriter {
  private readonly numbers: number[] = [];
  private readonly pieces: Uint8Array[] = [];
  private dataLength = 0;

  number(value: number): void {
    this.numbers.push(value);
  }

  text(value: string): void {
    this.bytes(Buffer.from(value, "utf8"));
  }

  /** Shape and data; name and datatype are the reader's to know. */
  tensor(shape: readonly number[], data: TensorData): void {
    this.numbers.push(shape.length, ...shape);
    if (ArrayBuffer.isView(data)) this.bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    else this.bytes(packStrings(data as BytesData));
  }

  finish(): ArrayBuffer {
    const dataStart = word * (1 + this.numbers.length);
    const buffer = new ArrayBuffer(dataStart + this.dataLength);
    const head = new Float64Array(buffer, 0, 1 + this.numbers.length);
    head[0] = this.numbers.length;
    head.set(this.numbers, 1);
    const data = new Uint8Array(buffer, dataStart);
    let at = 0;
    for (const piece of this.pieces) {
      data.set(piece, at);
      at += padded(piece.length);
    }
    return buffer;
  }

  private bytes(piece: Uint8Array): void {
    this.numbers.push(piece.length);
    if (piece.length === 0) return;
    this.pieces.push(piece);
    this.dataLength += padded(piece.length);
  }
}

/** Reads a block in the order it was written. Tensors are views of the block. */
export class BlockReader {
  private readonly buffer: ArrayBuffer;
  private readonly numbers: Float64Array;
  private next = 1;
  private at: number;

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer;
    const count = new Float64Array(buffer, 0, 1)[0]!;
    this.numbers = new Float64Array(buffer, 0, 1 + count);
    this.at = word * (1 + count);
  }

  number(): number {
    const value = this.numbers[this.next]!;
    this.next += 1;
    return value;
  }

  text(): string {
    return Buffer.from(this.buffer, ...this.piece()).toString("utf8");
  }

  tensor(spec: TensorSpec): Tensor {
    const rank = this.number();
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis += 1) shape.push(this.number());
    const [start, length] = this.piece();
    const row = datatypes[spec.datatype];
    const data =
      row.kind === "bytes"
        ? unpackStrings(Buffer.from(this.buffer, start, length), elementCount(shape))
        : row.view(this.buffer, start, length / row.size);
    return { name: spec.name, datatype: spec.datatype, shape, data };
  }

  private piece(): [start: number, length: number] {
    const length = this.number();
    const start = this.at;
    this.at += padded(length);
    return [start, length];
  }
}

function padded(length: number): number {
  return Math.ceil(length / word) * word;
}

/** Each string as its length in bytes (uint32, little-endian) and its UTF-8. */
function packStrings(strings: BytesData): Uint8Array {
  if (strings.length === 0) return noBytes;
  let length = 0;
  for (const text of strings) length += 4 + Buffer.byteLength(text);
  const packed = Buffer.allocUnsafe(length);
  let at = 0;
  for (const text of strings) {
    const written = typeof text === "string" ? packed.write(text, at + 4) : text.length;
    if (typeof text !== "string") packed.set(text, at + 4);
    packed.writeUInt32LE(written, at);
    at += 4 + written;
  }
  return packed;
}

function unpackStrings(packed: Buffer, count: number): string[] {
  const strings: string[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const end = at + 4 + packed.readUInt32LE(at);
    strings.push(packed.toString("utf8", at + 4, end));
    at = end;
  }
  return strings;
}
