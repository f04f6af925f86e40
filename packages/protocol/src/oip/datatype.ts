/** Every numeric typed array that a tensor's elements can lie in. BOOL is one byte per element, 0 or 1. */
export type NumericData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float16Array
  | Float32Array
  | Float64Array;

interface NumericRow {
  readonly kind: "boolean" | "integer" | "long" | "float" | "bits";
  /** Bytes of one element. */
  readonly size: number;
  /** What the values are, for messages. */
  readonly values: string;
  readonly create: (length: number) => NumericData;
  readonly view: (buffer: ArrayBufferLike, offset: number, length: number) => NumericData;
}

interface BytesRow {
  readonly kind: "bytes";
  readonly values: string;
}

function numeric(
  kind: NumericRow["kind"],
  Type: {
    new (length: number): NumericData;
    new (buffer: ArrayBufferLike, offset: number, length: number): NumericData;
    readonly BYTES_PER_ELEMENT: number;
  },
  values: string,
): NumericRow {
  return {
    kind,
    size: Type.BYTES_PER_ELEMENT,
    values,
    create: (length) => new Type(length),
    view: (buffer, offset, length) => new Type(buffer, offset, length),
  };
}

/** The tensor datatypes of the Open Inference Protocol v2 (https://github.com/kserve/open-inference-protocol) and BF16, which Triton adds: raw bits, for binary data only. */
export const datatypes = {
  BOOL: numeric("boolean", Uint8Array, "true or false"),
  UINT8: numeric("integer", Uint8Array, "a whole number from 0 to 255"),
  UINT16: numeric("integer", Uint16Array, "a whole number from 0 to 65535"),
  UINT32: numeric("integer", Uint32Array, "a whole number from 0 to 4294967295"),
  UINT64: numeric("long", BigUint64Array, "a whole number from 0 to 18446744073709551615, written in digits"),
  INT8: numeric("integer", Int8Array, "a whole number from -128 to 127"),
  INT16: numeric("integer", Int16Array, "a whole number from -32768 to 32767"),
  INT32: numeric("integer", Int32Array, "a whole number from -2147483648 to 2147483647"),
  INT64: numeric("long", BigInt64Array, "a whole number from -9223372036854775808 to 9223372036854775807, written in digits"),
  FP16: numeric("float", Float16Array, "a number that a 16-bit float can hold (at most 65504 either way)"),
  BF16: numeric("bits", Uint16Array, "16 bits of a bfloat16"),
  FP32: numeric("float", Float32Array, "a number that a 32-bit float can hold (at most 3.4028235e38 either way)"),
  FP64: numeric("float", Float64Array, "a number that a 64-bit float can hold"),
  BYTES: { kind: "bytes", values: "a string of well-formed Unicode" },
} as const satisfies Record<string, NumericRow | BytesRow>;

/** A key of {@link datatypes}. */
export type Datatype = keyof typeof datatypes;

/** Whether this is the name of an OIP datatype. */
export function isDatatype(value: unknown): value is Datatype {
  return typeof value === "string" && Object.hasOwn(datatypes, value);
}
