/** How one datatype of the Open Inference Protocol looks in JSON, in binary and in gRPC. */
export interface Row {
  readonly datatype: string;
  /** Name of the model's input; the output is `NAME_out`. */
  readonly input: string;
  /** Two values as JSON texts. */
  readonly sample: readonly [string, string];
  /** The ends of the range, and what is easily rounded, as JSON texts. */
  readonly limits: readonly string[];
  /** Bytes of one element, `0` when it has a length of its own. */
  readonly size: number;
  /** Field of `InferTensorContents`; undefined for what has only raw contents. */
  readonly contents: string | undefined;
}

const row = (datatype: string, size: number, contents: string | undefined, sample: [string, string], limits: string[]): Row => ({
  datatype,
  input: datatype.toLowerCase(),
  size,
  contents,
  sample,
  limits,
});

/** Every datatype of the protocol but BF16, which neither JSON nor ONNX models of the suite have. */
export const rows: readonly Row[] = [
  row("BOOL", 1, "bool_contents", ["true", "false"], ["false", "true"]),
  row("UINT8", 1, "uint_contents", ["1", "2"], ["0", "255"]),
  row("UINT16", 2, "uint_contents", ["1", "2"], ["0", "65535"]),
  row("UINT32", 4, "uint_contents", ["1", "2"], ["0", "4294967295"]),
  row("UINT64", 8, "uint64_contents", ["1", "2"], ["0", "9007199254740993", "9223372036854775808", "18446744073709551615"]),
  row("INT8", 1, "int_contents", ["-1", "2"], ["-128", "127"]),
  row("INT16", 2, "int_contents", ["-1", "2"], ["-32768", "32767"]),
  row("INT32", 4, "int_contents", ["-1", "2"], ["-2147483648", "2147483647"]),
  row(
    "INT64",
    8,
    "int64_contents",
    ["-1", "2"],
    ["-9223372036854775808", "-9007199254740993", "9007199254740993", "9223372036854775807"],
  ),
  row("FP16", 2, undefined, ["0.5", "-2"], ["65504", "-65504", "0.00006103515625", "5.960464477539063e-8"]),
  row(
    "FP32",
    4,
    "fp32_contents",
    ["0.1", "-2.5"],
    ["3.4028234663852886e38", "-3.4028234663852886e38", "1.401298464324817e-45", "16777217"],
  ),
  row(
    "FP64",
    8,
    "fp64_contents",
    ["0.1", "-2.5"],
    ["1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "0.30000000000000004"],
  ),
  row("BYTES", 0, "bytes_contents", ['"one"', '"two"'], ['""', '"ünïcødé 💡 עברית"']),
];

/** The row of a datatype. */
export function rowOf(datatype: string): Row {
  return rows.find((candidate) => candidate.datatype === datatype)!;
}

/** The value of a JSON text with every digit: whole numbers beyond 2^53 are BigInt. Throws when it is not JSON. */
export function exact(text: string): unknown {
  const reviver = (_: string, value: unknown, context: { source: string }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** A value as the datatype holds it, as text, so that 1, 1.0 and 1n are the same; both zeros are. */
export function held(row: Row, value: unknown): string {
  const { datatype } = row;
  if (datatype === "BYTES") return JSON.stringify(value);
  // JSON's booleans and numbers are both how servers write BOOL.
  if (datatype === "BOOL")
    return value === 1 || value === true ? "true" : value === 0 || value === false ? "false" : `${typeof value} ${value}`;
  if (typeof value !== "number" && typeof value !== "bigint") return `${typeof value} ${String(value)}`;
  const number = Number(value);
  if (datatype === "FP16") return String(Math.f16round(number) + 0);
  if (datatype === "FP32") return String(Math.fround(number) + 0);
  if (datatype === "FP64") return String(number + 0);
  return Number.isInteger(value) ? String(BigInt(value)) : String(value);
}

/** Values, as JSON texts, in the little-endian form of the binary tensor data extension. */
export function encode(row: Row, values: readonly string[]): Buffer {
  return Buffer.concat(values.map((text) => encodeOne(row, exact(text))));
}

function encodeOne({ datatype, size }: Row, value: unknown): Buffer {
  if (datatype === "BYTES") return lengthPrefixed(Buffer.from(value as string));
  const bytes = Buffer.alloc(size);
  if (datatype === "FP16") new DataView(bytes.buffer, bytes.byteOffset).setFloat16(0, Number(value), true);
  else if (datatype === "FP32") bytes.writeFloatLE(Number(value));
  else if (datatype === "FP64") bytes.writeDoubleLE(Number(value));
  else if (datatype === "BOOL") bytes[0] = value ? 1 : 0;
  else
    bytes.writeBigUInt64LE === undefined || size < 8
      ? bytes.writeUIntLE(Number(BigInt.asUintN(size * 8, BigInt(value as number))), 0, size)
      : bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value as number)));
  return bytes;
}

/** One BYTES element: its length in four bytes, then itself. */
export function lengthPrefixed(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([length, content]);
}
