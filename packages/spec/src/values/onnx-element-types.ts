import type { Datatype } from "./datatype.ts";

/** Datatypes by the number that ONNX gives an element type, `TensorProto.DataType` of onnx.proto; the Open Inference Protocol has none for the others. */
export const onnxElementTypes: Readonly<Record<number, Datatype>> = {
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
