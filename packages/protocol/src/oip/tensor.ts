import type { Datatype, NumericData } from "./datatype.ts";

/** Elements of a BYTES tensor: strings, and bytes as they are where they are not UTF-8, which only binary data can carry. */
export type BytesData = readonly (string | Uint8Array)[];

/** Elements in row-major order. FP16 is a Float16Array, BF16 the raw bits in a Uint16Array. */
export type TensorData = NumericData | BytesData;

/** A tensor with its data. `data.length` is the product of `shape`. */
export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** What one input or output of a model looks like; -1 in the shape is any size. The same shape as `@slipway/spec`'s. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** Inputs and outputs of a model. */
export interface ModelSignature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** A tensor's datatype and shape for messages, e.g. `FP32 [-1,64]`. */
export function describeTensor(tensor: { readonly datatype: Datatype; readonly shape: readonly number[] }): string {
  return `${tensor.datatype} [${tensor.shape.join(",")}]`;
}
