export type { ApiKeyEntry, ApiKeys } from "./access/api-keys.ts";
export { GatewayAccess } from "./access/gateway-access.ts";
export type { TokenReviewer } from "./access/reviewed-tokens.ts";
export type { Endpoint, Endpoints } from "./endpoints/endpoints.ts";
export { type FeedConnector, type TlsFeedOptions, tlsFeed, unixFeed } from "./feed/feed-connector.ts";
export { RoutePublisher } from "./feed/route-publisher.ts";
export type { HoldLimits } from "./forward/hold-queue.ts";
export type { GatewayCounters, GatewayStats } from "./gateway-stats.ts";
export { type Gateway, type GatewayOptions, startGateway } from "./start-gateway.ts";
