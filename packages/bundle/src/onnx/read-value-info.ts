import type { TensorSpec } from "@slipway/spec";
import { datatypeOf } from "./datatype-of.ts";
import { onnxFields } from "./onnx-fields.ts";
import { MalformedMessage, type Span, type WireReader } from "./wire-reader.ts";

const rankLimit = 64;
const nameLimit = 256;

const otherTypes: Readonly<Record<number, string>> = {
  [onnxFields.TypeProto.sequence_type]: "a sequence",
  [onnxFields.TypeProto.map_type]: "a map",
  [onnxFields.TypeProto.opaque_type]: "an opaque value",
  [onnxFields.TypeProto.sparse_tensor_type]: "a sparse tensor",
  [onnxFields.TypeProto.optional_type]: "an optional value",
};

/** An input or output of a graph: its name, and its type or why that cannot be served (the end of a sentence). */
export interface ValueInfo {
  readonly name: string;
  readonly tensor?: TensorSpec;
  readonly problem?: string;
}

/** Reads a `ValueInfoProto`. */
export function readValueInfo(reader: WireReader, span: Span): ValueInfo {
  let name = "";
  const types: Span[] = [];
  for (const field of reader.fields(span)) {
    if (field.number === onnxFields.ValueInfoProto.name && field.wire === 2) name = reader.text(field, nameLimit);
    if (field.number === onnxFields.ValueInfoProto.type && field.wire === 2) types.push(field);
  }
  if (types.length !== 1) return { name, problem: "has no type" };
  return { name, ...readType(reader, types[0]!, name) };
}

function readType(reader: WireReader, span: Span, name: string): Omit<ValueInfo, "name"> {
  const kinds = [...reader.fields(span)].filter(
    ({ number, wire }) => wire === 2 && (number === 1 || otherTypes[number] !== undefined),
  );
  const kind = kinds[0];
  if (kind === undefined || kinds.length > 1) return { problem: "has no single type" };
  const other = otherTypes[kind.number];
  if (other !== undefined) return { problem: `is ${other}; only tensors can be served` };
  let elementType = 0n;
  const shapes: Span[] = [];
  for (const field of reader.fields(kind)) {
    if (field.number === onnxFields["TypeProto.Tensor"].elem_type && field.wire === 0) elementType = field.value;
    if (field.number === onnxFields["TypeProto.Tensor"].shape && field.wire === 2) shapes.push(field);
  }
  const type = datatypeOf(Number(elementType));
  if ("refused" in type)
    return { problem: `has the element type ${type.refused}, which the Open Inference Protocol does not have` };
  if (shapes.length !== 1) return { problem: "has no shape; even one with named dimensions tells how many there are" };
  const shape: number[] = [];
  for (const field of reader.fields(shapes[0]!)) {
    if (field.number !== onnxFields.TensorShapeProto.dim || field.wire !== 2) continue;
    if (shape.length === rankLimit) return { problem: `has more than ${rankLimit} dimensions` };
    shape.push(readDimension(reader, field));
  }
  return { tensor: { name, datatype: type.datatype, shape } };
}

/** A size, or -1 where the model leaves it open: a name, nothing, or (as some exporters write) a negative number. */
function readDimension(reader: WireReader, span: Span): number {
  let size = -1;
  for (const field of reader.fields(span)) {
    if (field.number === onnxFields["TensorShapeProto.Dimension"].dim_param) size = -1;
    if (field.number !== onnxFields["TensorShapeProto.Dimension"].dim_value || field.wire !== 0) continue;
    const value = BigInt.asIntN(64, field.value);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedMessage(`a dimension of ${value} is beyond any memory`);
    size = value < 0n ? -1 : Number(value);
  }
  return size;
}
