import { type Clock, SlipwayError } from "@slipway/base";
import type { Exchange, Route } from "@slipway/http";
import { renderListedModel, renderListedModels } from "@slipway/protocol";
import type { InferenceTarget } from "../replica/inference-target.ts";
import type { OpenaiOperation } from "../replica/openai-call.ts";
import { sendOpenai } from "./send-openai.ts";

/** Largest body of a request: text, which no context holds more of. */
const bodyBytes = 4 * 1024 * 1024;
const access = { type: "open" } as const;

/** Whether errors at a path are told as OpenAI's clients read them. */
export function isOpenaiPath(path: string | undefined): boolean {
  return path?.startsWith("/v1/") === true;
}

/** The OpenAI API of one model (https://platform.openai.com/docs/api-reference). One that takes tensors says so. */
export function openaiRoutes(target: InferenceTarget, clock: Clock): Route[] {
  const { namespace, model } = target.identity;
  const listed = { id: model, created: Math.floor(clock.now() / 1_000) };
  const get = (path: string, handler: Route["handler"]): Route => ({
    method: "GET",
    path,
    access,
    limits: { bodyBytes: 0, bodyMs: 10_000 },
    handler,
  });
  const post = (path: string, operation: OpenaiOperation): Route => ({
    method: "POST",
    path,
    access,
    limits: { bodyBytes, bodyMs: 60_000 },
    encodedBodies: "inflate",
    handler: async (exchange) => {
      demandJson(exchange);
      const body = await exchange.readBody();
      await sendOpenai(exchange, await target.openai({ operation, body, signal: exchange.signal }));
    },
  });
  const retrieve = (exchange: Exchange, name: string): void => {
    if (!target.speaksOpenai || (name !== model && name !== `${namespace}/${model}`))
      throw new SlipwayError("notFound", `There is no model ${JSON.stringify(name.slice(0, 100))} here.`);
    exchange.sendJson(200, renderListedModel({ ...listed, id: name }));
  };
  return [
    post("/v1/chat/completions", "chat"),
    post("/v1/completions", "completion"),
    post("/v1/embeddings", "embedding"),
    get("/v1/models", (exchange) => exchange.sendJson(200, renderListedModels(target.speaksOpenai ? [listed] : []))),
    get("/v1/models/:model", (exchange) => retrieve(exchange, exchange.params.model!)),
    get("/v1/models/:namespace/:model", (exchange) =>
      retrieve(exchange, `${exchange.params.namespace}/${exchange.params.model}`),
    ),
  ];
}

/** Throws `unsupportedMediaType` for what says that it is something else than JSON. */
function demandJson({ headers }: Exchange): void {
  const [type = ""] = (headers["content-type"] ?? "").toLowerCase().split(";", 1);
  if (type === "" || type.trim() === "application/json") return;
  throw new SlipwayError("unsupportedMediaType", `The content type ${JSON.stringify(type.slice(0, 100))} is not supported.`, {
    hint: "Send Content-Type: application/json.",
  });
}
