import { SlipwayError } from "@slipway/base";
import { quoted, readObject, shown } from "./json-object.ts";
import { parseJson } from "./parse-json.ts";

/** Where a model of a repository stands, by the names of Triton's model repository extension. */
export type ModelState = "READY" | "LOADING" | "UNLOADING" | "UNAVAILABLE";

/** One version of a model in the index of a repository. */
export interface IndexEntry {
  readonly name: string;
  readonly version?: string;
  readonly state: ModelState;
  /** Why, where the state alone does not say; else empty. */
  readonly reason: string;
}

/** Whether an index request (its body may be empty) asks for ready models only. Throws `badRequest`. */
export function parseIndexRequest(body: Uint8Array): boolean {
  const { ready = false } = parseBody(body, ["ready"]);
  if (typeof ready === "boolean") return ready;
  throw new SlipwayError("badRequest", `"ready" must be true or false, not ${shown(ready)}.`);
}

/** Checks a load request; its body may be empty. Throws `badRequest` for another configuration or other files than the model's own. */
export function parseLoadRequest(body: Uint8Array): void {
  for (const name of parameterNames(body)) {
    throw new SlipwayError("badRequest", `The parameter ${quoted(name)} is not supported: a model is loaded as it was built.`, {
      hint: "Leave it out; build another bundle to serve another model.",
    });
  }
}

/** Checks an unload request; its body may be empty. No model here has others that depend on it, so `unload_dependents` changes nothing. Throws `badRequest`. */
export function parseUnloadRequest(body: Uint8Array): void {
  for (const name of parameterNames(body)) {
    if (name !== "unload_dependents") throw new SlipwayError("badRequest", `The parameter ${quoted(name)} is not known.`);
  }
}

/** The JSON of a repository's index; only what is ready when `readyOnly`. */
export function renderIndex(entries: readonly IndexEntry[], readyOnly: boolean): Buffer {
  const listed = readyOnly ? entries.filter((entry) => entry.state === "READY") : entries;
  return Buffer.from(
    JSON.stringify(
      listed.map(({ name, version, state, reason }) => ({ name, ...(version === undefined ? {} : { version }), state, reason })),
    ),
  );
}

function parameterNames(body: Uint8Array): string[] {
  const { parameters } = parseBody(body, ["parameters"]);
  if (parameters === undefined) return [];
  if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters)) {
    throw new SlipwayError("badRequest", `"parameters" must be a JSON object, not ${shown(parameters)}.`);
  }
  return Object.keys(parameters);
}

function parseBody(body: Uint8Array, known: readonly string[]) {
  return body.length === 0 ? {} : readObject(parseJson(body, "The request body"), "The request", known);
}
