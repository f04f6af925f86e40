import type { Limits, Route } from "@slipway/http";
import { parseIndexRequest, parseLoadRequest, parseUnloadRequest, renderIndex } from "@slipway/protocol";
import type { LoadableModel } from "../repository/loadable-model.ts";

const limits: Limits = { bodyBytes: 64 * 1024, bodyMs: 10_000 };
const access = { type: "open" } as const;

/** Triton's model repository extension, for a repository of one model (https://github.com/triton-inference-server/server, extension_model_repository). */
export function repositoryRoutes(model: LoadableModel): Route[] {
  const post = (path: string, handler: Route["handler"]): Route => ({ method: "POST", path, access, limits, handler });
  return [
    post("/v2/repository/index", async (exchange) => {
      const readyOnly = parseIndexRequest(await exchange.readBody());
      exchange.send(200, { "content-type": "application/json" }, renderIndex([model.entry], readyOnly));
    }),
    post("/v2/repository/models/:model/load", async (exchange) => {
      parseLoadRequest(await exchange.readBody());
      model.demandName(exchange.params.model);
      await model.load();
      exchange.send(200, {});
    }),
    post("/v2/repository/models/:model/unload", async (exchange) => {
      parseUnloadRequest(await exchange.readBody());
      model.demandName(exchange.params.model);
      await model.unload();
      exchange.send(200, {});
    }),
  ];
}
