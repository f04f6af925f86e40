import { choice, many, map, messageType, one } from "../schema/message-type.ts";
import type { ProtoFile } from "../schema/proto-file.ts";

// The gRPC service of the Open Inference Protocol v2 (https://github.com/kserve/open-inference-protocol), with streaming and the
// model repository as Triton has them. Numbers and names are those of both; where they differ, a comment says how.

const nothing = { serverLive: messageType("ServerLiveRequest", {}), serverReady: messageType("ServerReadyRequest", {}) };
const serverMetadataRequest = messageType("ServerMetadataRequest", {});

/** Answer of ServerLive. */
export const serverLiveResponse = messageType("ServerLiveResponse", { live: one(1, "bool") });

/** Answer of ServerReady. */
export const serverReadyResponse = messageType("ServerReadyResponse", { ready: one(1, "bool") });

/** Request of ModelReady. */
export const modelReadyRequest = messageType("ModelReadyRequest", { name: one(1, "string"), version: one(2, "string") });

/** Answer of ModelReady. */
export const modelReadyResponse = messageType("ModelReadyResponse", { ready: one(1, "bool") });

/** Answer of ServerMetadata. */
export const serverMetadataResponse = messageType("ServerMetadataResponse", {
  name: one(1, "string"),
  version: one(2, "string"),
  extensions: many(3, "string"),
});

/** Request of ModelMetadata. */
export const modelMetadataRequest = messageType("ModelMetadataRequest", { name: one(1, "string"), version: one(2, "string") });

const tensorMetadata = messageType("ModelMetadataResponse.TensorMetadata", {
  name: one(1, "string"),
  datatype: one(2, "string"),
  shape: many(3, "int64"),
});

/** Answer of ModelMetadata. */
export const modelMetadataResponse = messageType("ModelMetadataResponse", {
  name: one(1, "string"),
  versions: many(2, "string"),
  platform: one(3, "string"),
  inputs: many(4, tensorMetadata),
  outputs: many(5, tensorMetadata),
});

/** The value of a parameter. */
export const inferParameter = messageType("InferParameter", {
  boolParam: choice("parameter_choice", 1, "bool"),
  int64Param: choice("parameter_choice", 2, "int64"),
  stringParam: choice("parameter_choice", 3, "string"),
  doubleParam: choice("parameter_choice", 4, "double"),
  uint64Param: choice("parameter_choice", 5, "uint64"),
});

/** Elements of a tensor, in the one list that fits its datatype. */
export const inferTensorContents = messageType("InferTensorContents", {
  boolContents: many(1, "bool"),
  intContents: many(2, "int32"),
  int64Contents: many(3, "int64"),
  uintContents: many(4, "uint32"),
  uint64Contents: many(5, "uint64"),
  fp32Contents: many(6, "float"),
  fp64Contents: many(7, "double"),
  bytesContents: many(8, "bytes"),
});

const tensor = {
  name: one(1, "string"),
  datatype: one(2, "string"),
  shape: many(3, "int64"),
  parameters: map(4, inferParameter),
  contents: one(5, inferTensorContents),
} as const;

/** An input of a request. */
export const inferInputTensor = messageType("ModelInferRequest.InferInputTensor", tensor);

const inferRequestedOutputTensor = messageType("ModelInferRequest.InferRequestedOutputTensor", {
  name: one(1, "string"),
  parameters: map(2, inferParameter),
});

/** Request of ModelInfer, and each message of ModelStreamInfer. */
export const modelInferRequest = messageType("ModelInferRequest", {
  modelName: one(1, "string"),
  modelVersion: one(2, "string"),
  id: one(3, "string"),
  parameters: map(4, inferParameter),
  inputs: many(5, inferInputTensor),
  outputs: many(6, inferRequestedOutputTensor),
  rawInputContents: many(7, "bytes"),
});

const inferOutputTensor = messageType("ModelInferResponse.InferOutputTensor", tensor);

/** Answer of ModelInfer. */
export const modelInferResponse = messageType("ModelInferResponse", {
  modelName: one(1, "string"),
  modelVersion: one(2, "string"),
  id: one(3, "string"),
  parameters: map(4, inferParameter),
  outputs: many(5, inferOutputTensor),
  rawOutputContents: many(6, "bytes"),
});

/** Each answer of ModelStreamInfer. */
export const modelStreamInferResponse = messageType("ModelStreamInferResponse", {
  errorMessage: one(1, "string"),
  inferResponse: one(2, modelInferResponse),
});

/** Request of RepositoryIndex. */
export const repositoryIndexRequest = messageType("RepositoryIndexRequest", {
  repositoryName: one(1, "string"),
  ready: one(2, "bool"),
});

const modelIndex = messageType("RepositoryIndexResponse.ModelIndex", {
  name: one(1, "string"),
  version: one(2, "string"),
  state: one(3, "string"),
  reason: one(4, "string"),
});

/** Answer of RepositoryIndex. */
export const repositoryIndexResponse = messageType("RepositoryIndexResponse", { models: many(1, modelIndex) });

const modelRepositoryParameter = messageType("ModelRepositoryParameter", {
  boolParam: choice("parameter_choice", 1, "bool"),
  int64Param: choice("parameter_choice", 2, "int64"),
  stringParam: choice("parameter_choice", 3, "string"),
  bytesParam: choice("parameter_choice", 4, "bytes"),
});

/** KServe has no repository names: its field 1 is the name of the model. */
const repositoryModel = {
  repositoryName: one(1, "string"),
  modelName: one(2, "string"),
  parameters: map(3, modelRepositoryParameter),
} as const;

/** Request of RepositoryModelLoad; that of RepositoryModelUnload is the same. */
export const repositoryModelLoadRequest = messageType("RepositoryModelLoadRequest", repositoryModel);

/** Answer of RepositoryModelLoad. Triton has none of these fields, KServe has both. */
export const repositoryModelLoadResponse = messageType("RepositoryModelLoadResponse", {
  modelName: one(1, "string"),
  isLoaded: one(2, "bool"),
});

const repositoryModelUnloadRequest = messageType("RepositoryModelUnloadRequest", repositoryModel);

/** Answer of RepositoryModelUnload. */
export const repositoryModelUnloadResponse = messageType("RepositoryModelUnloadResponse", {
  modelName: one(1, "string"),
  isUnloaded: one(2, "bool"),
});

/** `inference.GRPCInferenceService`. */
export const inferenceProto = {
  path: "inference/grpc_service.proto",
  package: "inference",
  service: {
    name: "GRPCInferenceService",
    methods: {
      ServerLive: { request: nothing.serverLive, response: serverLiveResponse },
      ServerReady: { request: nothing.serverReady, response: serverReadyResponse },
      ModelReady: { request: modelReadyRequest, response: modelReadyResponse },
      ServerMetadata: { request: serverMetadataRequest, response: serverMetadataResponse },
      ModelMetadata: { request: modelMetadataRequest, response: modelMetadataResponse },
      ModelInfer: { request: modelInferRequest, response: modelInferResponse },
      ModelStreamInfer: { request: modelInferRequest, response: modelStreamInferResponse, streams: "both" },
      RepositoryIndex: { request: repositoryIndexRequest, response: repositoryIndexResponse },
      RepositoryModelLoad: { request: repositoryModelLoadRequest, response: repositoryModelLoadResponse },
      RepositoryModelUnload: { request: repositoryModelUnloadRequest, response: repositoryModelUnloadResponse },
    },
  },
  messages: [
    nothing.serverLive,
    serverLiveResponse,
    nothing.serverReady,
    serverReadyResponse,
    modelReadyRequest,
    modelReadyResponse,
    serverMetadataRequest,
    serverMetadataResponse,
    modelMetadataRequest,
    modelMetadataResponse,
    tensorMetadata,
    inferParameter,
    inferTensorContents,
    modelInferRequest,
    inferInputTensor,
    inferRequestedOutputTensor,
    modelInferResponse,
    inferOutputTensor,
    modelStreamInferResponse,
    modelRepositoryParameter,
    repositoryIndexRequest,
    repositoryIndexResponse,
    modelIndex,
    repositoryModelLoadRequest,
    repositoryModelLoadResponse,
    repositoryModelUnloadRequest,
    repositoryModelUnloadResponse,
  ],
} as const satisfies ProtoFile;
