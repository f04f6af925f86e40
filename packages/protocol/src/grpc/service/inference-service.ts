import {
  inferenceProto,
  modelMetadataRequest,
  modelMetadataResponse,
  modelReadyRequest,
  modelReadyResponse,
  serverLiveResponse,
  serverMetadataResponse,
  serverReadyResponse,
} from "../files/inference-proto.ts";
import { readModelName } from "../infer/read-model-name.ts";
import { decodeMessage } from "../schema/decode-message.ts";
import { encodeMessage } from "../schema/encode-message.ts";
import type { Encodable, Fields, MessageType } from "../schema/message-type.ts";
import { methodPath } from "../schema/proto-file.ts";
import { answerError, bytesOf } from "./answer-error.ts";
import { repositoryMethods } from "./repository-methods.ts";
import type { ServiceAnswer, ServiceBackend, ServiceCall, ServiceMethod } from "./service-backend.ts";
import { streamInfer } from "./stream-infer.ts";

type MethodName = keyof typeof inferenceProto.service.methods;

/** The methods of `inference.GRPCInferenceService`, over whoever answers for the models. */
export function inferenceService<Call extends ServiceCall>(backend: ServiceBackend<Call>): ServiceMethod<Call>[] {
  const method = (name: MethodName, handler: (call: Call) => Promise<void>, open = false): ServiceMethod<Call> => ({
    path: methodPath(inferenceProto, name),
    manyRequests: name === "ModelStreamInfer",
    open,
    handler,
  });
  const answers =
    <F extends Fields>(type: MessageType<F>, answer: () => Encodable<F>) =>
    async (call: Call) => {
      await call.message();
      await call.send(encodeMessage(type, answer()));
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
      const { name, version } = decodeMessage(modelReadyRequest, await call.message());
      const answer = await backend.ask(call, "ready", name, version);
      // As Triton: what is not there is not ready.
      if (answer.status !== 200 && answer.status !== 503 && answer.status !== 404) throw answerError(answer);
      await call.send(encodeMessage(modelReadyResponse, { ready: answer.status === 200 }));
    }),
    method("ModelMetadata", async (call) => {
      const { name, version } = decodeMessage(modelMetadataRequest, await call.message());
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

/** What the JSON of a model's metadata has. */
interface MetadataJson {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly { readonly name: string; readonly datatype: string; readonly shape: readonly number[] }[];
  readonly outputs: MetadataJson["inputs"];
}

function metadataMessage(answer: ServiceAnswer): Buffer {
  if (answer.status !== 200) throw answerError(answer);
  const { inputs, outputs, ...rest } = JSON.parse(bytesOf(answer.body).toString()) as MetadataJson;
  const tensors = (list: MetadataJson["inputs"]) =>
    list.map(({ name, datatype, shape }) => ({ name, datatype, shape: BigInt64Array.from(shape, BigInt) }));
  return encodeMessage(modelMetadataResponse, { ...rest, inputs: tensors(inputs), outputs: tensors(outputs) });
}
