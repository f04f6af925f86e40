import { createHash } from "node:crypto";
import type { Route } from "@slipway/http";
import { type KindInfo, kinds } from "@slipway/spec";
import { basePath, limits } from "../resource/resource-routes.ts";
import { openApiDocument } from "./openapi-document.ts";

/** `/openapi/v3`: an index whose links carry a hash, so that clients keep what has not changed; and one document for each group. */
export function openApiRoutes(productVersion: string): Route[] {
  const bases = new Map((Object.values(kinds) as KindInfo[]).map((info) => [basePath(info), info.apiVersion]));
  const documents = [...bases].map(([base, apiVersion]) => {
    const text = JSON.stringify(openApiDocument(apiVersion, productVersion));
    const hash = createHash("sha256").update(text).digest("hex").toUpperCase();
    return { base, text, hash };
  });
  const index = {
    paths: Object.fromEntries(
      documents.map(({ base, hash }) => [base.slice(1), { serverRelativeURL: `/openapi/v3${base}?hash=${hash}` }]),
    ),
  };
  return [
    {
      method: "GET",
      path: "/openapi/v3",
      access: { type: "token" },
      limits,
      handler: (exchange) => exchange.sendJson(200, index),
    },
    ...documents.map(
      ({ base, text, hash }): Route => ({
        method: "GET",
        path: `/openapi/v3${base}`,
        access: { type: "token" },
        limits,
        handler: (exchange) => {
          const etag = `"${hash}"`;
          // A link with its hash never shows anything else; without it, it must be asked again.
          const caching = exchange.query.get("hash") === hash ? "public, immutable, max-age=31536000" : "no-cache, private";
          if (exchange.headers["if-none-match"] === etag) exchange.send(304, { etag, "cache-control": caching });
          else exchange.send(200, { "content-type": "application/json", etag, "cache-control": caching }, text);
        },
      }),
    ),
  ];
}
