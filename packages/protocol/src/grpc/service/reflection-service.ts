import { answerReflection } from "../reflection/answer-reflection.ts";
import type { ServiceCall, ServiceMethod } from "./service-backend.ts";

/** gRPC's server reflection, by which clients such as grpcurl learn the services without their `.proto` files; older ones ask for `v1alpha`. */
export function reflectionService<Call extends ServiceCall>(): ServiceMethod<Call>[] {
  return ["v1", "v1alpha"].map((version) => ({
    path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    manyRequests: true,
    open: true,
    handler: async (call) => {
      for (let message = await call.next(); message !== undefined; message = await call.next()) {
        await call.send(answerReflection(message));
      }
    },
  }));
}
