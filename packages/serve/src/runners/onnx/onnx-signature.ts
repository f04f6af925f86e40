import { SlipwayError } from "@slipway/base";
import type { Datatype, ModelSignature, TensorSpec } from "@slipway/protocol";
import { onnxElementTypes } from "@slipway/spec/values";
import type { Tensor } from "onnxruntime-node";

/** The datatypes that onnxruntime-node can take and give. */
export type OnnxDatatype = Exclude<Datatype, "BF16">;

/** ONNX Runtime's name of each OIP datatype. */
export const onnxTypes = {
  BOOL: "bool",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  BYTES: "string",
} as const satisfies Record<OnnxDatatype, Tensor.Type>;

/** Those that OIP cannot carry or ONNX Runtime's JavaScript cannot take, for messages. */
const otherTypes: Readonly<Record<number, string>> = {
  14: "complex64",
  15: "complex128",
  16: "bfloat16",
  21: "uint4",
  22: "int4",
};

/** What ONNX Runtime's native binding says of an input or output. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type: number;
  /** -1 where the size is free. */
  readonly shape: readonly number[];
  /** The name of each dimension, empty where it has none. */
  readonly symbolicDimensions: readonly string[];
}

/** A model's signature, and the names of its free dimensions: for each input and output, one per dimension, empty where there is none. */
export interface OnnxSignature {
  readonly signature: ModelSignature;
  readonly dimensions: { readonly inputs: readonly (readonly string[])[]; readonly outputs: readonly (readonly string[])[] };
}

/** Inputs and outputs as the session has them. A dimension with a name or none is -1. Throws `invalid` for what OIP cannot carry: sequences, maps, 4-bit integers. */
export function onnxSignature(session: {
  readonly inputMetadata: readonly OnnxValueInfo[];
  readonly outputMetadata: readonly OnnxValueInfo[];
}): OnnxSignature {
  return {
    signature: {
      inputs: session.inputMetadata.map((value) => tensorSpec("input", value)),
      outputs: session.outputMetadata.map((value) => tensorSpec("output", value)),
    },
    dimensions: {
      inputs: session.inputMetadata.map((value) => [...value.symbolicDimensions]),
      outputs: session.outputMetadata.map((value) => [...value.symbolicDimensions]),
    },
  };
}

function tensorSpec(role: string, value: OnnxValueInfo): TensorSpec {
  const where = `The model's ${role} ${JSON.stringify(value.name)}`;
  if (!value.isTensor) {
    throw new SlipwayError("invalid", `${where} is not a tensor but a sequence or map, which cannot be served.`, {
      hint: "Export the model with tensors only; for scikit-learn, with the option zipmap=False.",
    });
  }
  const datatype = onnxElementTypes[value.type];
  if (datatype === undefined) {
    const type = otherTypes[value.type] ?? `number ${value.type}`;
    throw new SlipwayError("invalid", `${where} has the type ${type}, which cannot be served.`);
  }
  return { name: value.name, datatype, shape: [...value.shape] };
}
