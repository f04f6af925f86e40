// What is loaded when somebody first speaks gRPC; see `loadGrpcProtocol`.
import { healthService } from "./service/health-service.ts";
import { inferenceService } from "./service/inference-service.ts";
import { reflectionService } from "./service/reflection-service.ts";
import type { ServiceBackend, ServiceCall, ServiceMethod } from "./service/service-backend.ts";

export { parseGrpcRequest } from "./infer/parse-grpc-request.ts";
export { readModelName } from "./infer/read-model-name.ts";
export { renderGrpcResponse } from "./infer/render-grpc-response.ts";
export { answerError } from "./service/answer-error.ts";

/** Every method that a server of inference has over gRPC. */
export function grpcMethods<Call extends ServiceCall>(backend: ServiceBackend<Call>): ServiceMethod<Call>[] {
  return [...inferenceService(backend), ...healthService(backend), ...reflectionService<Call>()];
}
