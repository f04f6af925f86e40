import { MessageType } from "../proto/message-type.ts";

/** How a service is, by the numbers of gRPC's health protocol. */
export const servingStatus = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

/** A value of {@link servingStatus}. */
export type ServingStatus = (typeof servingStatus)[keyof typeof servingStatus];

/** gRPC's standard health service. */
export const healthServiceName = "grpc.health.v1.Health";

/** Request of Check and Watch. */
export const healthCheckRequest = new MessageType<{ service: string }>("grpc.health.v1.HealthCheckRequest");

/** Answer of Check, and each of Watch. */
export const healthCheckResponse = new MessageType<{ status: ServingStatus }>("grpc.health.v1.HealthCheckResponse");
