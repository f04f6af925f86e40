import { readModelName } from "../infer/read-model-name.ts";
import {
  inferenceServiceName,
  type ModelMetadataFields,
  modelMetadataRequest,
  modelMetadataResponse,
  modelReadyRequest,
  modelReadyResponse,
  serverLiveResponse,
  serverMetadataResponse,
  serverReadyResponse,
} from "../messages/inference-messages.ts";
import type { MessageType } from "../proto/message-type.ts";
import { answerError, bytesOf } from "./answer-error.ts";
import { repositoryMethods } from "./repository-methods.ts";
import type { ServiceAnswer, ServiceBackend, ServiceCall, ServiceMethod } from "./service-backend.ts";
import { streamInfer } from "./stream-infer.ts";

/** The methods of `inference.GRPCInferenceService`, over whoever answers for the models. */
export function inferenceService<Call extends ServiceCall>(backend: ServiceBackend<Call>): ServiceMethod<Call>[] {
  const method = (name: string, handler: (call: Call) => Promise<void>, open = false): ServiceMethod<Call> => ({
    path: `/${inferenceServiceName}/${name}`,
    manyRequests: name === "ModelStreamInfer",
    open,
    handler,
  });
  const answers =
    <T extends object>(type: MessageType<T>, answer: () => T) =>
    async (call: Call) => {
      await call.message();
      await call.send(type.encode(answer()));
    };
  return [
    method(
      "ServerLive",
      answers(serverLiveResponse, () => ({ live: true })),
      true,
    ),
    method(
      "ServerReady",
      answers(serverReadyResponse, () => ({ ready: backend.notReady() === undefined })),
      true,
    ),
    method(
      "ServerMetadata",
      answers(serverMetadataResponse, () => ({ name: "slipway", version: backend.version, extensions: backend.extensions })),
    ),
    method("ModelReady", async (call) => {
      const { name, version } = modelReadyRequest.decode(await call.message());
      const answer = await backend.ask(call, "ready", name, version);
      // As Triton: what is not there is not ready.
      if (answer.status !== 200 && answer.status !== 503 && answer.status !== 404) throw answerError(answer);
      await call.send(modelReadyResponse.encode({ ready: answer.status === 200 }));
    }),
    method("ModelMetadata", async (call) => {
      const { name, version } = modelMetadataRequest.decode(await call.message());
      await call.send(metadataMessage(await backend.ask(call, "metadata", name, version)));
    }),
    method("ModelInfer", async (call) => {
      const message = await call.message();
      const { model, version } = readModelName(message);
      if (backend.inferInto !== undefined) return backend.inferInto(call, message, model, version);
      const answer = await backend.infer(call, message, model, version);
      if (answer.status !== 200) throw answerError(answer);
      await call.send(answer.body);
    }),
    method("ModelStreamInfer", (call) => streamInfer(call, backend)),
    ...repositoryMethods(backend).map(({ name, handler }) => method(name, handler)),
  ];
}

function metadataMessage(answer: ServiceAnswer): Buffer {
  if (answer.status !== 200) throw answerError(answer);
  return modelMetadataResponse.encode(JSON.parse(bytesOf(answer.body).toString()) as ModelMetadataFields);
}
