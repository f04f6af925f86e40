import { MessageType } from "../proto/message-type.ts";
import type { Long, NumberList } from "../proto/number-list.ts";

/** The service of the Open Inference Protocol. */
export const inferenceServiceName = "inference.GRPCInferenceService";

/** The value of a parameter: the field that `parameterChoice` names, if any. */
export interface InferParameter {
  readonly parameterChoice?: "boolParam" | "int64Param" | "stringParam" | "doubleParam" | "uint64Param";
  readonly boolParam: boolean;
  readonly int64Param: Long;
  readonly stringParam: string;
  readonly doubleParam: number;
  readonly uint64Param: Long;
}

/** Parameters by name. */
export type ParameterFields = Readonly<Record<string, InferParameter>>;

/** The lists that a tensor's elements may be in. */
export interface TensorContents {
  readonly boolContents: NumberList;
  readonly intContents: NumberList;
  readonly int64Contents: NumberList;
  readonly uintContents: NumberList;
  readonly uint64Contents: NumberList;
  readonly fp32Contents: NumberList;
  readonly fp64Contents: NumberList;
  readonly bytesContents: readonly Buffer[];
}

/** An input of a request. */
export interface InputTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: NumberList;
  readonly parameters: ParameterFields;
  readonly contents: TensorContents | null;
}

/** An output of an answer, to be encoded. Numbers are as `writable` makes them. */
export interface OutputTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly contents?: { readonly [K in keyof TensorContents]?: ArrayLike<number | Long | Uint8Array> };
}

type ModelName = { name: string; version: string };

/** Answer of ServerLive. */
export const serverLiveResponse = new MessageType<{ live: boolean }>("inference.ServerLiveResponse");

/** Answer of ServerReady. */
export const serverReadyResponse = new MessageType<{ ready: boolean }>("inference.ServerReadyResponse");

/** Request of ModelReady. */
export const modelReadyRequest = new MessageType<ModelName>("inference.ModelReadyRequest");

/** Answer of ModelReady. */
export const modelReadyResponse = new MessageType<{ ready: boolean }>("inference.ModelReadyResponse");

/** Answer of ServerMetadata. */
export const serverMetadataResponse = new MessageType<{ name: string; version: string; extensions: readonly string[] }>(
  "inference.ServerMetadataResponse",
);

/** Request of ModelMetadata. */
export const modelMetadataRequest = new MessageType<ModelName>("inference.ModelMetadataRequest");

/** What the answer of ModelMetadata has, as the JSON of a model's metadata has it. */
export interface ModelMetadataFields {
  name: string;
  versions: readonly string[];
  platform: string;
  inputs: readonly { readonly name: string; readonly datatype: string; readonly shape: readonly number[] }[];
  outputs: ModelMetadataFields["inputs"];
}

/** Answer of ModelMetadata. */
export const modelMetadataResponse = new MessageType<ModelMetadataFields>("inference.ModelMetadataResponse");

/** Request of ModelInfer, and each message of ModelStreamInfer. */
export const modelInferRequest = new MessageType<{
  id: string;
  parameters: ParameterFields;
  inputs: readonly InputTensor[];
  outputs: readonly { readonly name: string; readonly parameters: ParameterFields }[];
  rawInputContents: readonly Buffer[];
}>("inference.ModelInferRequest");

/** What the answer of ModelInfer has. */
export interface ModelInferResponseFields {
  modelName: string;
  modelVersion: string;
  id: string;
  outputs: readonly OutputTensor[];
  rawOutputContents: readonly Uint8Array[];
}

/** Answer of ModelInfer. */
export const modelInferResponse = new MessageType<ModelInferResponseFields>("inference.ModelInferResponse");

/** Each answer of ModelStreamInfer. */
export const modelStreamInferResponse = new MessageType<{
  errorMessage: string;
  inferResponse: Partial<ModelInferResponseFields>;
}>("inference.ModelStreamInferResponse");

/** Request of RepositoryIndex. */
export const repositoryIndexRequest = new MessageType<{ repositoryName: string; ready: boolean }>(
  "inference.RepositoryIndexRequest",
);

/** Answer of RepositoryIndex. */
export const repositoryIndexResponse = new MessageType<{
  models: readonly { readonly name: string; readonly version?: string; readonly state?: string; readonly reason?: string }[];
}>("inference.RepositoryIndexResponse");

/** Request of RepositoryModelLoad; that of RepositoryModelUnload is the same. */
export const repositoryModelLoadRequest = new MessageType<{ repositoryName: string; modelName: string }>(
  "inference.RepositoryModelLoadRequest",
);

/** Answer of RepositoryModelLoad. */
export const repositoryModelLoadResponse = new MessageType<{ modelName: string; isLoaded: boolean }>(
  "inference.RepositoryModelLoadResponse",
);

/** Answer of RepositoryModelUnload. */
export const repositoryModelUnloadResponse = new MessageType<{ modelName: string; isUnloaded: boolean }>(
  "inference.RepositoryModelUnloadResponse",
);
