import { SlipwayError } from "@slipway/base";
import type { Exchange, Limits, Route } from "@slipway/http";
import { type KindInfo, kinds } from "@slipway/spec";
import { presentOne } from "../present/present.ts";
import { noteAbout } from "../status/about-error.ts";
import { create } from "./create.ts";
import { list } from "./list.ts";
import { patch } from "./patch.ts";
import { remove, removeMany } from "./remove.ts";
import { getScale, patchScale, updateScale } from "./scale.ts";
import { type ApiContext, existing, presentationOf, type Target } from "./target.ts";
import { update } from "./update.ts";
import { watch } from "./watch.ts";

/** As the Kubernetes API server: 3 MiB hold any object. */
export const limits: Limits = { bodyBytes: 3 * 1024 * 1024, bodyMs: 30_000 };

type Work = (target: Target) => Promise<void>;

/** Where a group's version lives: core kinds under `/api`, all others under `/apis`. */
export function basePath(info: Pick<KindInfo, "group" | "version">): string {
  return info.group === "" ? `/api/${info.version}` : `/apis/${info.group}/${info.version}`;
}

/** The routes of all kinds: collections, objects, and their subresources. */
export function resourceRoutes(context: ApiContext): Route[] {
  return Object.values(kinds).flatMap((info) => kindRoutes(context, info as KindInfo));
}

function kindRoutes(context: ApiContext, info: KindInfo): Route[] {
  const base = basePath(info);
  const everywhere = `${base}/${info.plural}`;
  const collection = info.namespaced ? `${base}/namespaces/:namespace/${info.plural}` : everywhere;
  const object = `${collection}/:name`;
  const route = (method: Route["method"], path: string, work: Work): Route => ({
    method,
    path,
    access: { type: "token" },
    limits,
    handler: (exchange) => run(context, exchange, info, work),
  });
  return [
    ...(info.namespaced ? [route("GET", everywhere, listOrWatch)] : []),
    route("GET", collection, listOrWatch),
    route("POST", collection, create),
    route("DELETE", collection, removeMany),
    ...objectRoutes(route, object),
    ...(info.subresources.status
      ? [
          route("GET", `${object}/status`, get),
          route("PUT", `${object}/status`, (target) => update(target, "status")),
          route("PATCH", `${object}/status`, (target) => patch(target, "status")),
        ]
      : []),
    ...(info.subresources.scale
      ? [
          route("GET", `${object}/scale`, getScale),
          route("PUT", `${object}/scale`, updateScale),
          route("PATCH", `${object}/scale`, patchScale),
        ]
      : []),
  ];
}

function objectRoutes(route: (method: Route["method"], path: string, work: Work) => Route, object: string): Route[] {
  return [
    route("GET", object, get),
    route("PUT", object, (target) => update(target)),
    route("PATCH", object, (target) => patch(target)),
    route("DELETE", object, remove),
  ];
}

async function run(context: ApiContext, exchange: Exchange, info: KindInfo, work: Work): Promise<void> {
  const { namespace, name } = exchange.params;
  const target: Target = { context, exchange, info, namespace, name: name ?? "" };
  try {
    refuseImpersonation(exchange);
    await work(target);
    if (exchange.method !== "GET" && exchange.method !== "HEAD") {
      context.log.info("changed", {
        request: exchange.requestId,
        user: exchange.user?.name,
        method: exchange.method,
        path: exchange.path,
      });
    }
  } catch (error) {
    throw noteAbout(error, { info, name: name === "" ? undefined : name });
  }
}

/** Acting as somebody else would be accepted and ignored otherwise. */
function refuseImpersonation({ headers }: Exchange): void {
  if (!Object.keys(headers).some((header) => header.startsWith("impersonate-"))) return;
  throw new SlipwayError("forbidden", "Impersonation is not supported.", { hint: "Leave out --as and --as-group." });
}

async function get(target: Target): Promise<void> {
  const presentation = presentationOf(target);
  target.exchange.sendJson(200, presentOne(presentation, await existing(target)));
}

async function listOrWatch(target: Target): Promise<void> {
  const wanted = target.exchange.query.get("watch");
  await (wanted === "true" || wanted === "1" ? watch(target) : list(target));
}
