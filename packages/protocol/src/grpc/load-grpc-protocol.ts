/** All of gRPC that only its speakers need. */
export type GrpcProtocol = typeof import("./grpc-protocol.ts");

/** Loads what speaks gRPC: it is not needed, nor paid for, before somebody does. */
export function loadGrpcProtocol(): Promise<GrpcProtocol> {
  return import("./grpc-protocol.ts");
}

/** The content type of a bare `ModelInferRequest` or `ModelInferResponse` inside the platform. */
export const grpcMediaType = "application/grpc+proto";

/** The header of an error, inside the platform, that says its gRPC status. */
export const grpcStatusHeader = "grpc-status";
