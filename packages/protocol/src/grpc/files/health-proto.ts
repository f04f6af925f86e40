import { messageType, one } from "../schema/message-type.ts";
import type { ProtoFile } from "../schema/proto-file.ts";

/** How a service is, by the numbers of gRPC's health protocol. */
export const servingStatus = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

/** A value of {@link servingStatus}. */
export type ServingStatus = (typeof servingStatus)[keyof typeof servingStatus];

const statusType = { name: "HealthCheckResponse.ServingStatus", values: servingStatus } as const;

/** Request of Check and Watch. */
export const healthCheckRequest = messageType("HealthCheckRequest", { service: one(1, "string") });

/** Answer of Check, and each of Watch. */
export const healthCheckResponse = messageType("HealthCheckResponse", { status: one(1, statusType) });

/** `grpc.health.v1.Health`, https://github.com/grpc/grpc/blob/master/doc/health-checking.md. */
export const healthProto = {
  path: "grpc/health/v1/health.proto",
  package: "grpc.health.v1",
  service: {
    name: "Health",
    methods: {
      Check: { request: healthCheckRequest, response: healthCheckResponse },
      Watch: { request: healthCheckRequest, response: healthCheckResponse, streams: "responses" },
    },
  },
  messages: [healthCheckRequest, healthCheckResponse],
  enums: [statusType],
} as const satisfies ProtoFile;
