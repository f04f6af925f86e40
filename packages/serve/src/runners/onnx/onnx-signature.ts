import { SlipwayError } from "@slipway/base";
import type { Datatype, ModelSignature, TensorSpec } from "@slipway/protocol";
import type { InferenceSession, Tensor } from "onnxruntime-node";

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

const datatypeOf = new Map<string, Datatype>(Object.entries(onnxTypes).map(([datatype, type]) => [type, datatype as Datatype]));

/** Inputs and outputs as the session has them. A dimension with a name or none is -1. Throws `invalid` for what OIP cannot carry: sequences, maps, 4-bit integers. */
export function onnxSignature(session: Pick<InferenceSession, "inputMetadata" | "outputMetadata">): ModelSignature {
  return {
    inputs: session.inputMetadata.map((value) => tensorSpec("input", value)),
    outputs: session.outputMetadata.map((value) => tensorSpec("output", value)),
  };
}

function tensorSpec(role: string, value: InferenceSession.ValueMetadata): TensorSpec {
  const where = `The model's ${role} ${JSON.stringify(value.name)}`;
  if (!value.isTensor) {
    throw new SlipwayError("invalid", `${where} is not a tensor but a sequence or map, which cannot be served.`, {
      hint: "Export the model with tensors only; for scikit-learn, with the option zipmap=False.",
    });
  }
  const datatype = datatypeOf.get(value.type);
  if (datatype === undefined) throw new SlipwayError("invalid", `${where} has the type ${value.type}, which cannot be served.`);
  return { name: value.name, datatype, shape: value.shape.map((size) => (typeof size === "number" ? size : -1)) };
}
