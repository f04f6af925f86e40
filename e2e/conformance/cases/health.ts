import { type Case, casesOf, expect, Mismatch } from "../case.ts";
import { type Answer, jsonOf } from "../http-client.ts";
import { expectErrorObject, expectNoVersion } from "../target.ts";

const rest = casesOf("OIP v2 REST", "mandatory");

/** Live, ready, and ready of a model. */
export const healthCases: readonly Case[] = [
  rest("rest-live", "the server is live", "Health, Server Live", async ({ http }) =>
    isTrue(await http.send("GET", "/v2/health/live")),
  ),
  rest("rest-live-body", "a body of live, if any, says so", "Health, $live_server_response", async ({ http }) =>
    says(await http.send("GET", "/v2/health/live"), "live"),
  ),
  rest("rest-ready", "the server is ready", "Health, Server Ready", async ({ http }) =>
    isTrue(await http.send("GET", "/v2/health/ready")),
  ),
  rest("rest-ready-body", "a body of ready, if any, says so", "Health, $ready_server_response", async ({ http }) =>
    // The document's own example calls the member "live".
    says(await http.send("GET", "/v2/health/ready"), "ready", "live"),
  ),
  rest("rest-model-ready", "the model is ready", "Health, Model Ready", async ({ http, path }) =>
    isTrue(await http.send("GET", `${path}/ready`)),
  ),
  rest(
    "rest-model-ready-body",
    "a body of a model's ready, if any, says so",
    "Health, $ready_model_response",
    async ({ http, path, model }) => {
      const answer = await http.send("GET", `${path}/ready`);
      says(answer, "ready");
      const { name } = bodyOf(answer);
      expect(name === undefined || name === model, `no name, or ${model}`, name);
    },
  ),
  rest(
    "rest-model-ready-version",
    "a version that metadata names is ready",
    "Health, Model Ready, MODEL_VERSION",
    async (target) => {
      for (const path of target.versionPaths) {
        isTrue(await target.http.send("GET", `${path}/ready`));
      }
    },
  ),
  rest(
    "rest-model-ready-unknown",
    "a model that is not there is not ready",
    "Health, Model Ready: false is a 4xx status",
    async ({ http }) => isFalse(await http.send("GET", "/v2/models/no-such-model/ready")),
  ),
  rest(
    "rest-model-ready-case",
    "names are case-sensitive",
    "HTTP/REST: all strings are case-sensitive",
    async ({ http, path, model }) => isFalse(await http.send("GET", `${path.replace(model, model.toUpperCase())}/ready`)),
  ),
  rest(
    "rest-model-ready-unknown-version",
    "a version that is not there is not ready",
    "Health, Model Ready, MODEL_VERSION",
    async ({ http, path }) => expectNoVersion(await http.send("GET", `${path}/versions/no-such-version/ready`)),
  ),
  rest("rest-model-ready-error", "why a model is not ready is an error object", "Errors: $error_response", async ({ http }) => {
    const answer = await http.send("GET", "/v2/models/no-such-model/ready");
    expect(answer.status >= 400, "an error status", answer.status);
    expectErrorObject(answer);
  }),
];

function isTrue(answer: Answer): void {
  expect(answer.status === 200, "status 200", `${answer.status} ${answer.text}`);
}

function isFalse(answer: Answer): void {
  expect(answer.status >= 400 && answer.status < 500, "a 4xx status", `${answer.status} ${answer.text}`);
}

/** A body is optional; the status is the answer. */
function says(answer: Answer, ...members: readonly string[]): void {
  isTrue(answer);
  if (answer.text === "") return;
  const body = bodyOf(answer);
  const given = members.filter((member) => member in body);
  if (given.length === 0) throw new Mismatch(`${members.join(" or ")} in the body, or no body`, answer.text);
  for (const member of given) expect(body[member] === true, `${member}: true`, answer.text);
}

function bodyOf(answer: Answer): Readonly<Record<string, unknown>> {
  if (answer.text === "") return {};
  const value = jsonOf(answer);
  expect(typeof value === "object" && value !== null, "a JSON object", answer.text);
  return value as Record<string, unknown>;
}
