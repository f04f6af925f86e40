import type { Clock, Log } from "@slipway/base";
import type { HttpServerOptions, Route, User } from "@slipway/http";
import type { Store } from "@slipway/store";
import { discoveryRoutes } from "./discovery/discovery-routes.ts";
import { healthRoutes } from "./health/health-routes.ts";
import { openApiRoutes } from "./openapi/openapi-routes.ts";
import { openApiV2Route } from "./openapi/openapi-v2.ts";
import { resourceRoutes } from "./resource/resource-routes.ts";
import { Snapshots } from "./resource/snapshots.ts";
import { reviewRoutes } from "./review/review-routes.ts";
import { renderStatus } from "./status/render-status.ts";

/** What the control API needs. */
export interface ApiOptions {
  readonly store: Store;
  /** Who a bearer token belongs to; undefined = nobody. Must compare in constant time. */
  readonly authenticate: (token: string) => User | undefined | Promise<User | undefined>;
  readonly clock: Clock;
  readonly log: Log;
  /** Slipway's version, for `/version`. */
  readonly version: string;
  /** Why the platform is not ready, for `/readyz`; undefined when it is. Default: always ready. */
  readonly notReady?: () => string | undefined;
}

/** The part of an HTTP listener that is the API: spread it into the options of `startHttpServer`. */
export interface Api {
  readonly routes: readonly Route[];
  readonly authenticate: NonNullable<HttpServerOptions["authenticate"]>;
  readonly renderError: NonNullable<HttpServerOptions["renderError"]>;
}

/** The control API over a store, in Kubernetes' REST conventions, so that kubectl and Kubernetes client libraries work against it. */
export function createApi(options: ApiOptions): Api {
  const { store, clock, log, version } = options;
  return {
    routes: [
      ...healthRoutes(options.notReady ?? (() => undefined)),
      ...discoveryRoutes(version),
      ...openApiRoutes(version),
      openApiV2Route(version),
      ...reviewRoutes(),
      ...resourceRoutes({ store, clock, log, snapshots: new Snapshots() }),
    ],
    authenticate: options.authenticate,
    renderError: renderStatus,
  };
}
