import type { Signature, TensorSpec } from "@slipway/spec";
import { type Datatype, datatypes } from "@slipway/spec/values";
import type { Decoder } from "../manifest/decode.ts";

/** A signature in the one form in which it is written. */
export function encodeSignature({ inputs, outputs }: Signature) {
  const tensor = ({ name, datatype, shape }: TensorSpec) => ({ name, datatype, shape });
  return { inputs: inputs.map(tensor), outputs: outputs.map(tensor) };
}

/** Reads what {@link encodeSignature} made. */
export function decodeSignature(item: Decoder): Signature {
  const tensors = (key: string) => item.get(key).list(256).map(decodeTensor);
  return { inputs: tensors("inputs"), outputs: tensors("outputs") };
}

function decodeTensor(item: Decoder): TensorSpec {
  const datatype = item.get("datatype").is<Datatype>(...datatypes);
  const shape = item
    .get("shape")
    .list(64)
    .map((dimension) => (dimension.value === -1 ? -1 : dimension.size()));
  return { name: item.get("name").text(), datatype, shape };
}
