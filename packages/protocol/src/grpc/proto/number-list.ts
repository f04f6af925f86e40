/** An array of one of protobuf's number types. BOOL elements are 0 or 1. */
export type NumberArray = Uint8Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array | Float32Array | Float64Array;

/** A 64-bit number as the library has it. */
export interface Long {
  readonly low: number;
  readonly high: number;
}

/** A repeated number after decoding: a typed array for each packed part, and what came one by one. */
export type NumberList = readonly (NumberArray | number | boolean | Long)[];

type NumberArrayType<T extends NumberArray> = new (length: number) => T;

/** Numbers whose count is not known beforehand, as an array that grows. */
export class Collector<T extends Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>> {
  private readonly Type: NumberArrayType<T>;
  private readonly most: number;
  private values: T;
  private count = 0;

  /** There will be at most so many numbers. */
  constructor(Type: NumberArrayType<T>, most: number) {
    this.Type = Type;
    this.most = most;
    this.values = new Type(Math.min(most, 256));
  }

  add(value: number): void {
    if (this.count === this.values.length) {
      const grown = new this.Type(Math.min(2 * this.count, this.most));
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.count++] = value;
  }

  /** All of them. */
  array(): T {
    return this.values.subarray(0, this.count) as T;
  }
}

/** How many numbers a list has. */
export function countOf(list: NumberList): number {
  return list.reduce<number>((sum, part) => sum + (isArray(part) ? part.length : 1), 0);
}

/** A list as one array of its type. */
export function joined<T extends NumberArray>(list: NumberList, Type: NumberArrayType<T>): T {
  const [first] = list;
  if (list.length === 1 && first instanceof Type) return first;
  const whole = new Type(countOf(list));
  let at = 0;
  for (const part of list) {
    if (isArray(part)) {
      (whole as Float64Array).set(part as Float64Array, at);
      at += part.length;
    } else {
      whole[at++] = whole instanceof BigInt64Array || whole instanceof BigUint64Array ? toBigInt(part as Long) : Number(part);
    }
  }
  return whole;
}

/** A 64-bit number, negative when its highest bit is set. */
export function toBigInt({ low, high }: Long): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** Numbers as the library writes them: it takes any list, but 64 bits only as halves. */
export function writable(data: { readonly length: number; readonly [index: number]: unknown }): ArrayLike<number | Long> {
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return data as ArrayLike<number>;
  const halves = new Int32Array(data.buffer, data.byteOffset, 2 * data.length);
  return Array.from(data, (_, index) => ({ low: halves[2 * index]!, high: halves[2 * index + 1]! }));
}

function isArray(part: NumberList[number]): part is NumberArray {
  return typeof part === "object" && "length" in part;
}
