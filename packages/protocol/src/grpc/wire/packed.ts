import { malformed, type WireReader, wireType } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

/** The array that a repeated number of each protobuf type is read into. BOOL elements are 0 or 1. */
export interface NumberLists {
  bool: Uint8Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  float: Float32Array;
  double: Float64Array;
}

/** A key of {@link NumberLists}. */
export type NumberType = keyof NumberLists;

/** Any of {@link NumberLists}. */
export type NumberList = NumberLists[NumberType];

const arrays: { [T in NumberType]: { new (length: number): NumberLists[T]; readonly BYTES_PER_ELEMENT: number } } = {
  bool: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float: Float32Array,
  double: Float64Array,
};

/** An empty list of each type; nothing can be written into it. */
export const emptyNumbers: NumberLists = {
  bool: new Uint8Array(0),
  int32: new Int32Array(0),
  uint32: new Uint32Array(0),
  int64: new BigInt64Array(0),
  uint64: new BigUint64Array(0),
  float: new Float32Array(0),
  double: new Float64Array(0),
};

/** Whether a type's values can be packed. */
export function isNumberType(type: unknown): type is NumberType {
  return typeof type === "string" && Object.hasOwn(arrays, type);
}

/** The wire type of one value. */
export function numberWireType(type: NumberType): number {
  return type === "float" ? wireType.fixed32 : type === "double" ? wireType.fixed64 : wireType.varint;
}

/** Collects a repeated number in all the ways protobuf may spread it: packed, one by one, in several parts. Takes time in proportion to the bytes. */
export class NumberCollector {
  private readonly type: NumberType;
  private readonly parts: NumberList[];
  private loose: (number | bigint)[] = [];

  /** `begun` are those that were read already. */
  constructor(type: NumberType, begun: NumberList) {
    this.type = type;
    this.parts = begun.length === 0 ? [] : [begun];
  }

  /** Reads the packed values at the reader. */
  packed(reader: WireReader, bytes: Buffer): void {
    this.tighten();
    this.parts.push(readPacked(this.type, reader, bytes));
  }

  /** Reads one value at the reader. */
  single(reader: WireReader): void {
    const { type } = this;
    if (type === "bool") this.loose.push(reader.bool() ? 1 : 0);
    else if (type === "int64" || type === "uint64") this.loose.push(reader.bigint(type === "int64"));
    else this.loose.push(reader[type]());
  }

  /** All of them. */
  list(): NumberList {
    this.tighten();
    if (this.parts.length === 1) return this.parts[0]!;
    const whole = new arrays[this.type](this.parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.parts) {
      (whole as Float64Array).set(part as Float64Array, at);
      at += part.length;
    }
    return whole;
  }

  private tighten(): void {
    if (this.loose.length === 0) return;
    const part = new arrays[this.type](this.loose.length);
    (part as Float64Array).set(this.loose as number[]);
    this.parts.push(part);
    this.loose = [];
  }
}

/** Packed values at the reader. */
export function readPacked(type: NumberType, reader: WireReader, bytes: Buffer): NumberList {
  const end = reader.length();
  if (type === "float" || type === "double") return readFixed(type, reader, bytes, end);
  let count = 0;
  for (let at = reader.at; at < end; at += 1) if (bytes[at]! < 0x80) count += 1;
  const list = new arrays[type](count);
  // Both halves of a 64-bit number are written as they are: a BigInt for each would cost more than all the rest.
  const halves = type === "int64" || type === "uint64" ? new Uint32Array(list.buffer) : undefined;
  for (let index = 0; index < count; index += 1) {
    if (halves !== undefined) {
      halves[2 * index] = reader.varint();
      halves[2 * index + 1] = reader.upper;
    } else if (type === "bool") (list as Uint8Array)[index] = reader.bool() ? 1 : 0;
    else (list as Int32Array)[index] = reader[type as "int32"]();
  }
  if (reader.at !== end) throw malformed();
  return list;
}

function readFixed(type: "float" | "double", reader: WireReader, bytes: Buffer, end: number): NumberList {
  const { at } = reader;
  const size = arrays[type].BYTES_PER_ELEMENT;
  if ((end - at) % size !== 0) throw malformed();
  reader.at = end;
  const count = (end - at) / size;
  const start = bytes.byteOffset + at;
  const Numbers = type === "float" ? Float32Array : Float64Array;
  if (start % size === 0) return new Numbers(bytes.buffer as ArrayBuffer, start, count);
  const list = new Numbers(count);
  new Uint8Array(list.buffer).set(bytes.subarray(at, end));
  return list;
}

/** Writes numbers packed, with tag and length; nothing when there are none. */
export function writePacked(writer: WireWriter, number: number, type: NumberType, list: NumberList): void {
  if (list.length === 0) return;
  writer.tag(number, wireType.bytes);
  if (type === "float" || type === "double" || type === "bool") {
    writer.bytes(new Uint8Array(list.buffer, list.byteOffset, list.byteLength));
  } else writer.bytes(varints(type, list));
}

function varints(type: NumberType, list: NumberList): Uint8Array {
  const wide = type === "int64" || type === "uint64";
  const halves = wide ? new Uint32Array(list.buffer, list.byteOffset, 2 * list.length) : undefined;
  const target = Buffer.allocUnsafe(10 * list.length);
  let at = 0;
  for (let index = 0; index < list.length; index += 1) {
    const value = halves === undefined ? (list as Int32Array)[index]! : 0;
    let low = (halves?.[2 * index] ?? value) >>> 0;
    let high = halves?.[2 * index + 1] ?? (value < 0 ? 0xffff_ffff : 0);
    while (high !== 0 || low >= 0x80) {
      target[at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    target[at++] = low;
  }
  return target.subarray(0, at);
}
