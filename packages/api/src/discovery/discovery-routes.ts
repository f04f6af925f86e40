import type { Exchange, Route } from "@slipway/http";
import { wantsAggregatedDiscovery } from "../present/negotiate.ts";
import { limits } from "../resource/resource-routes.ts";
import { aggregatedContentType, aggregatedDiscovery } from "./aggregated-discovery.ts";
import { discoveredGroups } from "./groups.ts";
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from "./legacy-discovery.ts";

/** The Kubernetes release whose conventions the API follows; clients compare it with their own. */
const conventions = { major: "1", minor: "32" };

/** `/version` and discovery, old and aggregated. `productVersion` is Slipway's own. */
export function discoveryRoutes(productVersion: string): Route[] {
  const groups = discoveredGroups();
  const core = groups.filter(({ group }) => group === "");
  const named = groups.filter(({ group }) => group !== "");
  return [
    get("/version", (exchange) =>
      exchange.sendJson(200, {
        ...conventions,
        gitVersion: `v${conventions.major}.${conventions.minor}.0+slipway.${productVersion}`,
        gitCommit: "",
        gitTreeState: "clean",
        buildDate: "1970-01-01T00:00:00Z",
        goVersion: "",
        compiler: "",
        platform: `${process.platform}/${process.arch}`,
      }),
    ),
    get("/api", either(apiVersions(), aggregatedDiscovery(core))),
    get("/apis", either(apiGroupList(named), aggregatedDiscovery(named))),
    ...core.map((group) => get(`/api/${group.version}`, (exchange) => exchange.sendJson(200, apiResourceList(group)))),
    ...named.flatMap((group) => [
      get(`/apis/${group.group}`, (exchange) => exchange.sendJson(200, apiGroup(group))),
      get(`/apis/${group.group}/${group.version}`, (exchange) => exchange.sendJson(200, apiResourceList(group))),
    ]),
  ];
}

function either(legacy: unknown, aggregated: unknown): (exchange: Exchange) => void {
  return (exchange) => {
    if (wantsAggregatedDiscovery(exchange.headers.accept))
      exchange.sendJson(200, aggregated, { "content-type": aggregatedContentType, vary: "Accept" });
    else exchange.sendJson(200, legacy, { vary: "Accept" });
  };
}

function get(path: string, handler: (exchange: Exchange) => void): Route {
  return { method: "GET", path, access: { type: "token" }, limits, handler };
}
