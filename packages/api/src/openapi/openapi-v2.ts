import type { Route } from "@slipway/http";
import { limits } from "../resource/resource-routes.ts";

/** As Kubernetes answers; clients ask with "@" in its name, which is not a valid media type. */
const protobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/**
 * `/openapi/v2`, empty: everything is in v3. kubectl still asks for it when a manifest is of a kind that v3 does not have, and would say that it
 * "failed to download openapi" instead of that the kind is not known.
 */
export function openApiV2Route(productVersion: string): Route {
  const document = { swagger: "2.0", info: { title: "Slipway", version: productVersion }, paths: {} };
  const encoded = encode(document.swagger, document.info.title, productVersion);
  return {
    method: "GET",
    path: "/openapi/v2",
    access: { type: "token" },
    limits,
    handler: (exchange) => {
      // kubectl reads nothing but protobuf here.
      if ((exchange.headers.accept ?? "").includes("proto-openapi"))
        exchange.send(200, { "content-type": protobufType }, encoded);
      else exchange.sendJson(200, document);
    },
  };
}

/** gnostic's `openapi.v2.Document` with its required fields: swagger = 1, info = 2 { title = 1, version = 2 }, paths = 8. */
function encode(swagger: string, title: string, version: string): Buffer {
  const info = Buffer.concat([field(1, Buffer.from(title)), field(2, Buffer.from(version))]);
  return Buffer.concat([field(1, Buffer.from(swagger)), field(2, info), field(8, Buffer.alloc(0))]);
}

/** A length-delimited field of fewer than 128 bytes. */
function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(number * 8 + 2, bytes.length), bytes]);
}
