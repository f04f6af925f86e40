import { datatypes, elementCount, type InferRequest, type ModelSignature, type Tensor } from "@slipway/protocol";

/** A request of zeros (false, empty strings), every free dimension 1: what a model without samples is warmed up with. */
export function zeroRequest(signature: ModelSignature): InferRequest {
  return {
    inputs: signature.inputs.map(({ name, datatype, shape }): Tensor => {
      const sizes = shape.map((size) => (size === -1 ? 1 : size));
      const row = datatypes[datatype];
      const count = elementCount(sizes);
      const data = row.kind === "bytes" ? new Array<string>(count).fill("") : row.create(count);
      return { name, datatype, shape: sizes, data };
    }),
  };
}
