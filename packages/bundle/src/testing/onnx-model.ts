import { onnxFields } from "../onnx/onnx-fields.ts";

/** Protobuf bytes of a number field. */
export function number(field: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(BigInt(field) << 3n), varint(BigInt.asUintN(64, BigInt(value)))]);
}

/** Protobuf bytes of a message, text or bytes field. */
export function bytes(field: number, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => Buffer.from(part as string)));
  return Buffer.concat([varint((BigInt(field) << 3n) | 2n), varint(BigInt(body.length)), body]);
}

function varint(value: bigint): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...out, Number(rest)]);
    out.push(Number(rest & 0x7fn) | 0x80);
  }
}

const { ValueInfoProto, TypeProto, TensorShapeProto, GraphProto, TensorProto, ModelProto } = onnxFields;
const Tensor = onnxFields["TypeProto.Tensor"];
const Dimension = onnxFields["TensorShapeProto.Dimension"];

/** A dimension: a size, a name, or nothing known. */
export type Dim = number | string | undefined;

/** A tensor's `ValueInfoProto`; without `dims` it has no shape. */
export function tensorInfo(name: string, elementType: number, dims?: readonly Dim[]): Buffer {
  const dimensions = dims?.map((dim) =>
    bytes(
      TensorShapeProto.dim,
      dim === undefined
        ? Buffer.alloc(0)
        : typeof dim === "string"
          ? bytes(Dimension.dim_param, dim)
          : number(Dimension.dim_value, dim),
    ),
  );
  const type = [number(Tensor.elem_type, elementType), ...(dimensions === undefined ? [] : [bytes(Tensor.shape, ...dimensions)])];
  return valueInfo(name, bytes(TypeProto.tensor_type, ...type));
}

/** A `ValueInfoProto` of any type. */
export function valueInfo(name: string, type: Buffer): Buffer {
  return Buffer.concat([bytes(ValueInfoProto.name, name), bytes(ValueInfoProto.type, type)]);
}

/** A `TensorProto` with external data. */
export function externalTensor(
  name: string,
  entries: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
): Buffer {
  const list = Array.isArray(entries) ? entries : Object.entries(entries);
  return Buffer.concat([
    bytes(TensorProto.name, name),
    ...list.map(([key, value]) => bytes(TensorProto.external_data, bytes(1, key), bytes(2, value))),
    number(TensorProto.data_location, 1),
  ]);
}

/** A `ModelProto`: one input `x` and one output `y` unless told otherwise. */
export function onnxModel(parts: { inputs?: Buffer[]; outputs?: Buffer[]; graph?: Buffer[]; model?: Buffer[] } = {}): Buffer {
  const {
    inputs = [tensorInfo("x", 1, ["batch", 4])],
    outputs = [tensorInfo("y", 1, ["batch", 2])],
    graph = [],
    model = [],
  } = parts;
  return Buffer.concat([
    number(ModelProto.ir_version, 8),
    bytes(
      ModelProto.graph,
      ...graph,
      ...inputs.map((info) => bytes(GraphProto.input, info)),
      ...outputs.map((info) => bytes(GraphProto.output, info)),
    ),
    bytes(ModelProto.opset_import, number(onnxFields.OperatorSetIdProto.version, 17)),
    ...model,
  ]);
}

/** A model whose file has at least `size` bytes, all of its weights `fill`. */
export function weightyModel(size: number, fill: number): Buffer {
  return onnxModel({
    graph: [bytes(GraphProto.initializer, bytes(TensorProto.name, "w"), bytes(9, Buffer.alloc(size, fill)))],
  });
}
