import { isUtf8 } from "node:buffer";
import { SlipwayError } from "@slipway/base";
import { type Datatype, datatypes, type NumericData } from "../../oip/datatype.ts";
import { indices } from "../../oip/read-data.ts";
import { elementCount } from "../../oip/read-shape.ts";
import type { TensorData } from "../../oip/tensor.ts";
import type { inferTensorContents } from "../files/inference-proto.ts";
import type { MessageOf } from "../schema/message-type.ts";
import { protoName } from "../schema/message-type.ts";
import type { BytesList } from "../wire/bytes-list.ts";

/** The lists that a tensor's elements may be in. */
export type TensorContents = MessageOf<typeof inferTensorContents>;

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

/** What to read a tensor's contents as. */
export interface ContentsContext {
  /** Names the tensor in messages. */
  readonly where: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** Whether any list has an element. */
export function hasContents(contents: TensorContents | undefined): boolean {
  return contents !== undefined && Object.values(contents).some((list) => list.length > 0);
}

/** A tensor's elements from the list that its datatype has. Throws `badRequest` when they are in another, are not as many as the shape says, or do not fit the datatype. */
export function readContents(contents: TensorContents | undefined, context: ContentsContext): TensorData {
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
  for (const other in contents) {
    if (other === name || contents[other as keyof TensorContents].length === 0) continue;
    throw new SlipwayError("badRequest", `${where}: ${datatype} comes in ${protoName(name)}, not in ${protoName(other)}.`);
  }
  const list = contents?.[name];
  const count = elementCount(shape);
  if ((list?.length ?? 0) !== count) {
    const product = Number.isFinite(count) ? count : "more than 2^53";
    throw new SlipwayError(
      "badRequest",
      `${where}: shape [${shape.join(",")}] needs ${product} values, ${protoName(name)} has ${list?.length ?? 0}.`,
    );
  }
  if (row.kind === "bytes") return list === undefined ? [] : readTexts(list as BytesList);
  if (list === undefined) return row.create(0);
  return row.size === 4 || row.kind !== "integer" ? (list as NumericData) : narrowed(list as Int32Array, context);
}

function readTexts(list: BytesList): (string | Uint8Array)[] {
  const elements = new Array<string | Uint8Array>(list.length);
  for (let index = 0; index < elements.length; index += 1) {
    const bytes = list.at(index);
    elements[index] = isUtf8(bytes) ? bytes.toString("utf8") : bytes;
  }
  return elements;
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
