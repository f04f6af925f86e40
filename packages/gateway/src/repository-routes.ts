import { SlipwayError } from "@slipway/base";
import type { Exchange, Route, User } from "@slipway/http";
import { type IndexEntry, type ModelRoute, parseIndexRequest, renderIndex } from "@slipway/protocol";
import { Caller } from "./access/caller.ts";
import type { ForwardContext } from "./forward/forward-request.ts";
import type { RouteView } from "./route/route-view.ts";

/** What the routes need. */
export interface RepositoryRoutesOptions {
  readonly context: Pick<ForwardContext, "fleet">;
  /** Undefined before the first table. */
  readonly view: () => RouteView | undefined;
  readonly access: Route["access"];
}

const limits = { bodyBytes: 64 * 1024, bodyMs: 10_000 };
const namespaces = ["", "/namespaces/:namespace"];

/** Triton's model repository extension over the models of the route table. They are declared, so loading and unloading them is not the gateway's. */
export function repositoryRoutes(options: RepositoryRoutesOptions): Route[] {
  const post = (path: string, handler: Route["handler"]): Route => ({
    method: "POST",
    path,
    access: options.access,
    limits,
    handler,
  });
  return namespaces.flatMap((prefix) => [
    post(`${prefix}/v2/repository/index`, (exchange) => sendIndex(options, exchange)),
    post(`${prefix}/v2/repository/models/:model/load`, refuse),
    post(`${prefix}/v2/repository/models/:model/unload`, refuse),
  ]);
}

async function sendIndex(options: RepositoryRoutesOptions, exchange: Exchange): Promise<void> {
  const readyOnly = parseIndexRequest(await exchange.readBody());
  const entries = repositoryIndex(options, exchange.params.namespace ?? "default", exchange.user);
  exchange.send(200, { "content-type": "application/json" }, renderIndex(entries, readyOnly));
}

/** The models of a namespace that a user may see. Throws `unavailable` before the first table. */
export function repositoryIndex(
  { context, view }: Pick<RepositoryRoutesOptions, "context" | "view">,
  namespace: string,
  user: User | undefined,
): IndexEntry[] {
  const known = view();
  if (known === undefined) {
    throw new SlipwayError("unavailable", "The gateway does not know any models yet.", { retryAfter: 1, hint: "Try again." });
  }
  return [...known.values()]
    .filter((model) => model.namespace === namespace && maySee(user, model))
    .flatMap((model) => indexEntries(model, context));
}

function maySee(user: User | undefined, { namespace, name }: ModelRoute): boolean {
  return !(user instanceof Caller) || user.may(namespace, name);
}

/** One for each revision; a model that has none yet is listed all the same. */
function indexEntries({ name, revisions }: ModelRoute, { fleet }: RepositoryRoutesOptions["context"]): IndexEntry[] {
  const away = { state: "UNAVAILABLE", reason: "no replica is ready" } as const;
  if (revisions.length === 0) return [{ name, ...away }];
  return revisions.map((revision) => {
    const ready = fleet.of(revision).some((link) => link.open !== undefined);
    return { name, version: revision.name, ...(ready ? ({ state: "READY", reason: "" } as const) : away) };
  });
}

async function refuse(exchange: Exchange): Promise<void> {
  await exchange.readBody();
  throw modelsAreDeclared();
}

/** Why a gateway neither loads nor unloads models. */
export function modelsAreDeclared(): SlipwayError {
  return new SlipwayError("unimplemented", "Models are declared here, not loaded and unloaded by requests.", {
    hint: "Use `slipway apply`, `slipway scale` or `slipway delete`.",
  });
}
