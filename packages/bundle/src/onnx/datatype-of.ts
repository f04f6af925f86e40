import { type Datatype, onnxElementTypes } from "@slipway/spec/values";

const others: Readonly<Record<number, string>> = { 14: "complex64", 15: "complex128", 16: "bfloat16" };

/** The datatype of an ONNX element type; or, as `refused`, the name of one that cannot be served. */
export function datatypeOf(elementType: number): { datatype: Datatype } | { refused: string } {
  const datatype = Object.hasOwn(onnxElementTypes, elementType) ? onnxElementTypes[elementType] : undefined;
  return datatype === undefined ? { refused: others[elementType] ?? `element type ${elementType}` } : { datatype };
}
