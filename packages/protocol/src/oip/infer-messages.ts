import type { Tensor } from "./tensor.ts";

/** An inference request that fits the signature it was read with. */
export interface InferRequest {
  readonly id?: string;
  /** The model it is for, where the request says so itself. */
  readonly modelName?: string;
  /** In the order of the signature, all of them. */
  readonly inputs: readonly Tensor[];
  /** Names of the wanted outputs in the wanted order; absent means all. */
  readonly outputs?: readonly string[];
  /** Which of the answered outputs go out as binary data; absent means none. */
  readonly binaryOutputs?: readonly string[];
  /** Of the whole request, as they were given. */
  readonly parameters?: InferParameters;
}

/** Parameters of a request, tensor or output, by name. */
export type InferParameters = Readonly<Record<string, string | number | bigint | boolean>>;

/** The answer to an inference request. */
export interface InferResponse {
  readonly modelName: string;
  /** The revision that answered. */
  readonly modelVersion?: string;
  readonly id?: string;
  readonly outputs: readonly Tensor[];
}
