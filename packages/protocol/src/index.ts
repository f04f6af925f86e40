export type { FrameCall, FrameListener } from "./frames/frame-call.ts";
export { FrameClient } from "./frames/frame-client.ts";
export { FrameError, type RequestFate } from "./frames/frame-error.ts";
export type { FrameHeaders, FrameRequestHead, FrameResponseHead } from "./frames/frame-heads.ts";
export { defaultFrameLimits, type FrameLimits, type FrameOptions } from "./frames/frame-options.ts";
export type { FrameBody, FrameBodySource, FrameRequest, WholeOptions } from "./frames/frame-request.ts";
export { type FrameServer, serveFrames } from "./frames/serve-frames.ts";
export { type GrpcProtocol, grpcMediaType, grpcStatusHeader, loadGrpcProtocol } from "./grpc/load-grpc-protocol.ts";
export type { ServiceAnswer, ServiceBackend, ServiceCall, ServiceMethod } from "./grpc/service/service-backend.ts";
export { type BinaryContext, binaryData, readBinaryData } from "./oip/binary-data.ts";
export { binaryHeader, binaryHeaderLength, readBinaryHeader } from "./oip/binary-header.ts";
export { packBytesElements, unpackBytesElements } from "./oip/bytes-elements.ts";
export { type Datatype, datatypes, isDatatype, type NumericData } from "./oip/datatype.ts";
export { inferErrorBody } from "./oip/infer-error-body.ts";
export type { InferParameters, InferRequest, InferResponse } from "./oip/infer-messages.ts";
export { nearestName } from "./oip/nearest-name.ts";
export { parseInferRequest } from "./oip/parse-infer-request.ts";
export { type InferSample, parseInferSample } from "./oip/parse-infer-sample.ts";
export { indices } from "./oip/read-data.ts";
export { inferParameterNames } from "./oip/read-parameters.ts";
export { elementCount } from "./oip/read-shape.ts";
export { type BinaryAnswer, renderBinaryResponse, renderInferResponse } from "./oip/render-infer-response.ts";
export {
  type ModelMetadata,
  offeredExtensions,
  renderModelMetadata,
  renderServerMetadata,
  versionsHeader,
} from "./oip/render-metadata.ts";
export {
  type IndexEntry,
  type ModelState,
  parseIndexRequest,
  parseLoadRequest,
  parseUnloadRequest,
  renderIndex,
} from "./oip/repository.ts";
export {
  type BytesData,
  describeTensor,
  type ModelSignature,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from "./oip/tensor.ts";
export type {
  AnswerFormat,
  ChatMessage,
  ChatRequest,
  CompletionRequest,
  EmbeddingRequest,
  Generation,
  Sampling,
  TextInput,
  Tool,
  ToolCall,
  ToolChoice,
} from "./openai/openai-requests.ts";
export {
  parseChatRequest,
  parseCompletionRequest,
  parseEmbeddingRequest,
  readRequestedModel,
} from "./openai/parse-openai-request.ts";
export {
  type AnswerHead,
  type AnswerPiece,
  chatFormat,
  completionFormat,
  endOfStream,
  type FinishReason,
  type ListedModel,
  openaiErrorBody,
  renderEmbeddings,
  renderListedModel,
  renderListedModels,
  serverSentEvent,
  type TextFormat,
  type Usage,
  type WholeAnswer,
} from "./openai/render-openai.ts";
export { type FeedDown, type FeedUp, feedVersion, parseFeedDown, parseFeedUp } from "./routes/feed-message.ts";
export { parseRouteTable } from "./routes/parse-route-table.ts";
export {
  gatewayServerName,
  operatorServerName,
  parseReplicaAddress,
  type ReplicaAddress,
  replicaServerName,
  tlsAddress,
} from "./routes/replica-address.ts";
export type { ModelRoute, ReplicaRoute, RevisionRoute, RouteTable } from "./routes/route-table.ts";
