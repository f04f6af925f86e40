/** Datatypes of the Open Inference Protocol with their numbers in ONNX. */
const elementTypes = { FP32: 1, UINT8: 2, INT32: 6, INT64: 7, BOOL: 9 } as const;

/** A datatype that these models can have. */
export type Dtype = keyof typeof elementTypes;

/** One tensor of a model's signature; `-1` is any size. */
export interface TensorOf {
  readonly name: string;
  readonly type: Dtype;
  readonly shape: readonly number[];
}

/** One operation of a graph. */
export interface Operation {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What goes into a model file; `initializers` are `TensorProto` messages. */
export interface OnnxParts {
  readonly inputs: readonly TensorOf[];
  readonly outputs: readonly TensorOf[];
  readonly operations: readonly Operation[];
  readonly initializers?: readonly Buffer[];
}

/** A model that answers with what it was sent: `y` is `x`, one dimension of any size. */
export function echoModel(type: Dtype): Buffer {
  return operationModel("Identity", { name: "x", type, shape: [-1] }, { name: "y", type, shape: [-1] });
}

/** A model of one operation with one input and one output. */
export function operationModel(operation: string, input: TensorOf, output: TensorOf): Buffer {
  return onnxFile({
    inputs: [input],
    outputs: [output],
    operations: [{ type: operation, inputs: [input.name], outputs: [output.name] }],
  });
}

/** The bytes of an ONNX file. Field numbers are those of onnx.proto3, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3. */
export function onnxFile({ inputs, outputs, operations, initializers = [] }: OnnxParts): Buffer {
  const graph = [
    ...operations.map(({ type, inputs: from, outputs: to }) =>
      message(1, ...from.map((name) => message(1, name)), ...to.map((name) => message(2, name)), message(4, type)),
    ),
    message(2, "graph"),
    ...initializers.map((tensor) => message(5, tensor)),
    ...inputs.map((tensor) => message(11, valueInfo(tensor))),
    ...outputs.map((tensor) => message(12, valueInfo(tensor))),
  ];
  return Buffer.concat([number(1, 8), message(7, ...graph), message(8, number(2, 17))]);
}

/** A `TensorProto` of FP32 whose values are in another file. */
export function externalTensor(name: string, size: number, entries: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat([
    number(1, size),
    number(2, elementTypes.FP32),
    message(8, name),
    ...Object.entries(entries).map(([key, value]) => message(13, message(1, key), message(2, value))),
    number(14, 1),
  ]);
}

/** A `TensorProto` with its values inside: FP32, or INT64 for axes. */
export function valuesTensor(name: string, shape: readonly number[], values: Float32Array | BigInt64Array): Buffer {
  return Buffer.concat([
    ...shape.map((size) => number(1, size)),
    number(2, values instanceof Float32Array ? elementTypes.FP32 : elementTypes.INT64),
    message(8, name),
    message(9, Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  ]);
}

function valueInfo({ name, type, shape }: TensorOf): Buffer {
  const dimensions = shape.map((size) => message(1, size === -1 ? message(2, "n") : number(1, size)));
  return Buffer.concat([message(1, name), message(2, message(1, number(1, elementTypes[type]), message(2, ...dimensions)))]);
}

/** A protobuf field of length-delimited bytes. */
function message(field: number, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => Buffer.from(part as string)));
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body]);
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
