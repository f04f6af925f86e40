import { z } from "zod";
import { datatypes } from "../values/datatype.ts";
import { wholeNumber } from "../values/whole-number.ts";

/** One input or output of a model. A dimension of -1 may have any size. */
export const tensorSchema = z.strictObject({
  name: z.string().min(1).max(256).describe("Name of the tensor, as the model file has it."),
  datatype: z.enum(datatypes).describe("Element type, by its Open Inference Protocol name."),
  shape: z
    .array(wholeNumber().min(-1).describe("Size of one dimension; -1 means any."))
    .max(64)
    .meta({ description: "Sizes of the dimensions; -1 means any size, such as a batch.", "x-kubernetes-list-type": "atomic" }),
});

/** See {@link tensorSchema}. */
export type TensorSpec = z.output<typeof tensorSchema>;

const tensorList = (description: string) =>
  z
    .array(tensorSchema)
    .max(256)
    .meta({ description, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] });

/** What a model takes and gives. */
export const signatureSchema = z.strictObject({
  inputs: tensorList("Tensors the model takes."),
  outputs: tensorList("Tensors the model gives."),
});

/** See {@link signatureSchema}. */
export type Signature = z.output<typeof signatureSchema>;
