import { type Case, casesOf, expect, NotApplicable } from "../case.ts";
import { rowOf } from "../datatypes.ts";
import { type Answer, jsonOf } from "../http-client.ts";
import { expectErrorObject, expectRefused, expectValues, inferAnswer, type Target } from "../target.ts";

const optional = casesOf("Triton model repository extension", "optional");

interface IndexEntry {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly state?: unknown;
  readonly reason?: unknown;
}

function repository(id: string, title: string, section: string, run: Case["run"]): Case {
  return optional(`repository-${id}`, title, section, async (target) => {
    target.needs("model_repository", "model_repository_extension");
    await run(target);
  });
}

/** The index of models, loading and unloading. */
export const repositoryCases: readonly Case[] = [
  repository("index", "the index has the model", "Index: $repository_index_response", async (target) => {
    for (const body of ["", "{}", '{"ready":true}', '{"ready":false}']) {
      const entry = (await index(target, body)).find(({ name }) => name === target.model);
      expect(entry !== undefined, `${target.model} in the index for ${body || "no body"}`, "none");
    }
  }),
  repository(
    "index-entries",
    "entries have a name, and strings for version, state and reason",
    "Index: $repository_index_response",
    async (target) => {
      for (const entry of await index(target, "{}")) {
        expect(typeof entry.name === "string", "name: a string", entry);
        for (const field of [entry.version, entry.state, entry.reason])
          expect(field === undefined || typeof field === "string", "a string", entry);
      }
    },
  ),
  repository("index-state", "a model that is ready is READY", "Index: state", async (target) => {
    const states = (await index(target, "{}")).filter(({ name }) => name === target.model).map(({ state }) => state);
    expect(
      states.some((state) => state === undefined || state === "READY"),
      "READY",
      states,
    );
  }),
  repository("index-type", "the index is sent as JSON", "Index", async (target) => {
    const { headers } = await send(target, "index", "{}");
    expect(
      /^application\/json\b/i.test(headers["content-type"] ?? ""),
      "content-type: application/json",
      headers["content-type"],
    );
  }),
  repository("index-bad", "a body that is no JSON is an error", "Index: $repository_index_error_response", async (target) => {
    const answer = await send(target, "index", "{");
    hasIndex(answer);
    expectRefused(answer);
  }),
  repository("index-get", "the index is asked by POST", "Index: POST", async ({ http }) => {
    const { status } = await http.send("GET", "/v2/repository/index");
    expect(status === 404 || status === 405, "status 405", status);
  }),
  repository(
    "load-unknown",
    "loading a model that is not there is an error",
    "Load: $repository_load_error_response",
    async (target) => refused(await send(target, "models/no-such-model/load", "{}")),
  ),
  repository(
    "unload-unknown",
    "unloading a model that is not there is an error, or nothing",
    "Unload: $repository_unload_error_response",
    async (target) => {
      const answer = await send(target, "models/no-such-model/unload", "{}");
      if (answer.status !== 200) refused(answer);
    },
  ),
  repository("load-loaded", "loading what is loaded leaves it there, or is refused with a reason", "Load", async (target) => {
    const answer = await send(target, `models/${target.model}/load`, "{}");
    if (answer.status !== 200) refused(answer);
    await answers(target);
  }),
  repository(
    "unload-and-load",
    "an unloaded model is not ready and does not infer; loaded again it does both",
    "Load and Unload",
    async (target) => {
      const unloaded = await send(target, `models/${target.model}/unload`, "{}");
      if (unloaded.status !== 200) {
        refused(unloaded);
        await answers(target);
        throw new NotApplicable(`the server unloads nothing: ${unloaded.text.slice(0, 120)}`);
      }
      const ready = await target.http.send("GET", `${target.path}/ready`);
      const infer = await target.infer(target.request({ outputs: ["fp32_out"] }));
      const loaded = await send(target, `models/${target.model}/load`, "");
      expect(loaded.status === 200, "status 200 for load", `${loaded.status} ${loaded.text}`);
      expect(ready.status >= 400, "not ready once unloaded", ready.status);
      expect(infer.status >= 400, "no inference once unloaded", infer.status);
      expectErrorObject(infer);
      if (loaded.status !== 200) {
        refused(loaded);
        throw new NotApplicable(`the server loads nothing: ${loaded.text.slice(0, 120)}`);
      }
      await answers(target);
    },
  ),
  repository("server-ready", "the server stays live through all that", "Health, Server Live", async ({ http }) => {
    const { status } = await http.send("GET", "/v2/health/live");
    expect(status === 200, "status 200", status);
  }),
];

async function index(target: Target, body: string): Promise<readonly IndexEntry[]> {
  const answer = await send(target, "index", body);
  hasIndex(answer);
  expect(answer.status === 200, "status 200", `${answer.status} ${answer.text}`);
  const entries = jsonOf(answer);
  expect(Array.isArray(entries), "an array", answer.text);
  return entries as IndexEntry[];
}

/** KServe's extension of nearly the same name is to load and unload only. */
function hasIndex({ status }: Answer): void {
  if (status === 404) throw new NotApplicable("the server has no index");
}

function send(target: Target, path: string, body: string): Promise<Answer> {
  return target.http.send("POST", `/v2/repository/${path}`, { body, headers: { "content-type": "application/json" } });
}

function refused(answer: Answer): void {
  expect(answer.status >= 400, "an error status", answer.status);
  expectErrorObject(answer);
}

async function answers(target: Target): Promise<void> {
  const row = rowOf("FP32");
  expectValues(row, inferAnswer(await target.infer(target.request({ outputs: ["fp32_out"] }))), [1, 2], row.sample);
}
