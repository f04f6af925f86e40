import { isUtf8 } from "node:buffer";
import { SlipwayError } from "@slipway/base";
import { type Datatype, datatypes, type NumericData } from "../../oip/datatype.ts";
import { indices } from "../../oip/read-data.ts";
import { elementCount } from "../../oip/read-shape.ts";
import type { TensorData } from "../../oip/tensor.ts";
import type { TensorContents } from "../messages/inference-messages.ts";
import { countOf, joined, type NumberArray } from "../proto/number-list.ts";

/** Which list is for which datatype; FP16 and BF16 have none, because protobuf has no such number. */
export const contentsField = {
  BOOL: "boolContents",
  INT8: "intContents",
  INT16: "intContents",
  INT32: "intContents",
  INT64: "int64Contents",
  UINT8: "uintContents",
  UINT16: "uintContents",
  UINT32: "uintContents",
  UINT64: "uint64Contents",
  FP16: undefined,
  BF16: undefined,
  FP32: "fp32Contents",
  FP64: "fp64Contents",
  BYTES: "bytesContents",
} as const satisfies Record<Datatype, keyof TensorContents | undefined>;

/** What each list is called in the `.proto` file. */
const protoNames = {
  boolContents: "bool_contents",
  intContents: "int_contents",
  int64Contents: "int64_contents",
  uintContents: "uint_contents",
  uint64Contents: "uint64_contents",
  fp32Contents: "fp32_contents",
  fp64Contents: "fp64_contents",
  bytesContents: "bytes_contents",
} as const satisfies Record<keyof TensorContents, string>;

const lists = Object.keys(protoNames) as (keyof TensorContents)[];

const arrays = {
  boolContents: Uint8Array,
  intContents: Int32Array,
  int64Contents: BigInt64Array,
  uintContents: Uint32Array,
  uint64Contents: BigUint64Array,
  fp32Contents: Float32Array,
  fp64Contents: Float64Array,
} as const;

/** What to read a tensor's contents as. */
export interface ContentsContext {
  /** Names the tensor in messages. */
  readonly where: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** Whether any list has an element. */
export function hasContents(contents: TensorContents | null): boolean {
  return contents !== null && lists.some((name) => sizeOf(contents, name) > 0);
}

/** A tensor's elements from the list that its datatype has. Throws `badRequest` when they are in another, are not as many as the shape says, or do not fit the datatype. */
export function readContents(contents: TensorContents | null, context: ContentsContext): TensorData {
  const { where, datatype, shape } = context;
  const name = contentsField[datatype];
  const row = datatypes[datatype];
  if (name === undefined) {
    // No elements need no list: so such a tensor can stand beside others with typed contents.
    if (row.kind !== "bytes" && elementCount(shape) === 0 && !hasContents(contents)) return row.create(0);
    throw new SlipwayError("badRequest", `${where}: ${datatype} has no typed contents.`, {
      hint: "Send its bytes in raw_input_contents.",
    });
  }
  for (const other of lists) {
    if (other === name || contents === null || sizeOf(contents, other) === 0) continue;
    throw new SlipwayError("badRequest", `${where}: ${datatype} comes in ${protoNames[name]}, not in ${protoNames[other]}.`);
  }
  const size = contents === null ? 0 : sizeOf(contents, name);
  const count = elementCount(shape);
  if (size !== count) {
    const product = Number.isFinite(count) ? count : "more than 2^53";
    throw new SlipwayError(
      "badRequest",
      `${where}: shape [${shape.join(",")}] needs ${product} values, ${protoNames[name]} has ${size}.`,
    );
  }
  if (name === "bytesContents") return (contents?.bytesContents ?? []).map(textOrBytes);
  const list = joined<NumericData & NumberArray>(contents?.[name] ?? [], arrays[name]);
  return "size" in row && row.size === list.BYTES_PER_ELEMENT ? list : narrowed(list as Int32Array, context);
}

function sizeOf(contents: TensorContents, name: keyof TensorContents): number {
  return name === "bytesContents" ? contents.bytesContents.length : countOf(contents[name]);
}

function textOrBytes(bytes: Buffer): string | Uint8Array {
  return isUtf8(bytes) ? bytes.toString("utf8") : bytes;
}

/** INT8, INT16 and their unsigned sisters come as 32 bits; a value that 8 or 16 cannot hold would become another. */
function narrowed(list: Int32Array | Uint32Array, { where, datatype, shape }: ContentsContext): NumericData {
  const row = datatypes[datatype as "INT8" | "UINT16"];
  const data = row.create(list.length) as Int8Array;
  for (let index = 0; index < list.length; index += 1) {
    data[index] = list[index]!;
    if (data[index] === list[index]) continue;
    throw new SlipwayError("badRequest", `${where}: value${indices(index, shape)} must be ${row.values}, not ${list[index]}.`);
  }
  return data;
}
