import { healthProto } from "../files/health-proto.ts";
import { inferenceProto } from "../files/inference-proto.ts";
import { reflectionProtos } from "../files/reflection-proto.ts";
import { answerReflection } from "../reflection/answer-reflection.ts";
import { methodPath, type ProtoFile } from "../schema/proto-file.ts";
import type { ServiceCall, ServiceMethod } from "./service-backend.ts";

const files: readonly ProtoFile[] = [inferenceProto, healthProto, ...reflectionProtos];

/** gRPC's server reflection, by which clients such as grpcurl learn the services without their `.proto` files. */
export function reflectionService<Call extends ServiceCall>(): ServiceMethod<Call>[] {
  return reflectionProtos.map((file) => ({
    path: methodPath(file, "ServerReflectionInfo"),
    manyRequests: true,
    open: true,
    handler: async (call) => {
      for (let message = await call.next(); message !== undefined; message = await call.next()) {
        await call.send(answerReflection(files, message));
      }
    },
  }));
}
