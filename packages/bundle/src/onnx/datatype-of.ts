import type { Datatype } from "@slipway/spec";

/** `TensorProto.DataType` to the Open Inference Protocol's names; the protocol has none for the others. */
const served: Readonly<Record<number, Datatype>> = {
  1: "FP32",
  2: "UINT8",
  3: "INT8",
  4: "UINT16",
  5: "INT16",
  6: "INT32",
  7: "INT64",
  8: "BYTES",
  9: "BOOL",
  10: "FP16",
  11: "FP64",
  12: "UINT32",
  13: "UINT64",
};

const others: Readonly<Record<number, string>> = { 14: "complex64", 15: "complex128", 16: "bfloat16" };

/** The datatype of an ONNX element type; or, as `refused`, the name of one that cannot be served. */
export function datatypeOf(elementType: number): { datatype: Datatype } | { refused: string } {
  const datatype = Object.hasOwn(served, elementType) ? served[elementType] : undefined;
  return datatype === undefined ? { refused: others[elementType] ?? `element type ${elementType}` } : { datatype };
}
