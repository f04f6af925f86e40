export { RoutePublisher } from "./feed/route-publisher.ts";
export type { HoldLimits } from "./forward/hold-queue.ts";
export type { GatewayCounters, GatewayStats } from "./gateway-stats.ts";
export { type Gateway, type GatewayOptions, startGateway } from "./start-gateway.ts";
