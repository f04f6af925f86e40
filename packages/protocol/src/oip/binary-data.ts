import { SlipwayError } from "@slipway/base";
import { packBytesElements, unpackBytesElements } from "./bytes-elements.ts";
import { datatypes, type NumericData } from "./datatype.ts";
import { indices } from "./read-data.ts";
import { elementCount } from "./read-shape.ts";
import type { BytesData, Tensor, TensorData, TensorSpec } from "./tensor.ts";

/** What binary data is to be read as. */
export interface BinaryContext {
  /** Names the tensor in messages. */
  readonly where: string;
  readonly datatype: TensorSpec["datatype"];
  readonly shape: readonly number[];
}

/**
 * A tensor's elements from their bytes: little-endian, row-major, nothing between them. A view of the bytes where their place in memory allows
 * it, else a copy. Every bit pattern of a float is a value, NaN and infinity too. Throws `badRequest` when the bytes are not exactly the tensor.
 */
export function readBinaryData(bytes: Uint8Array, { where, datatype, shape }: BinaryContext): TensorData {
  const row = datatypes[datatype];
  const count = elementCount(shape);
  if (row.kind === "bytes") {
    const elements = unpackBytesElements(bytes, count);
    if (typeof elements !== "string") return elements;
    throw new SlipwayError("badRequest", `${where}: the binary data is not ${count} BYTES elements: ${elements}.`, {
      hint: "Each element is its length in 4 bytes, little-endian, and its bytes.",
    });
  }
  if (count * row.size !== bytes.length) {
    const needed = Number.isFinite(count) ? `${count * row.size}` : "more than 2^53";
    throw new SlipwayError(
      "badRequest",
      `${where}: ${datatype} [${shape.join(",")}] needs ${needed} bytes of binary data, not ${bytes.length}.`,
    );
  }
  if (row.kind === "boolean") checkBooleans(bytes, where, shape);
  if (bytes.byteOffset % row.size === 0) return row.view(bytes.buffer, bytes.byteOffset, count);
  const copy = new Uint8Array(bytes);
  return row.view(copy.buffer, 0, count);
}

/** The bytes of a tensor as binary data: a view of its elements, or, for BYTES, a copy. */
export function binaryData({ datatype, data }: Pick<Tensor, "datatype" | "data">): Uint8Array {
  if (datatype === "BYTES") return packBytesElements(data as BytesData);
  const { buffer, byteOffset, byteLength } = data as NumericData;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function checkBooleans(bytes: Uint8Array, where: string, shape: readonly number[]): void {
  for (let index = 0; index < bytes.length; index += 1) {
    if (bytes[index]! <= 1) continue;
    throw new SlipwayError(
      "badRequest",
      `${where}: data${indices(index, shape)} must be a byte 0 or 1 for BOOL, not ${bytes[index]}.`,
    );
  }
}
