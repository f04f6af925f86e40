import { type Case, casesOf, expect } from "../case.ts";
import { rows } from "../datatypes.ts";
import { type Answer, jsonOf } from "../http-client.ts";
import { expectNoVersion, expectRefused, type Target } from "../target.ts";

const rest = casesOf("OIP v2 REST", "mandatory");

interface Metadata {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly versions?: unknown;
  readonly platform?: unknown;
  readonly extensions?: unknown;
  readonly inputs?: unknown;
  readonly outputs?: unknown;
}

/** What a server and a model say of themselves. */
export const metadataCases: readonly Case[] = [
  rest("rest-server-metadata", "the server has metadata", "Server Metadata", async ({ http }) => {
    metadataOf(await http.send("GET", "/v2"));
  }),
  rest("rest-server-name", "name is a string", "Server Metadata, $metadata_server_response", async ({ http }) =>
    isText(metadataOf(await http.send("GET", "/v2")).name, "name"),
  ),
  rest("rest-server-version", "version is a string", "Server Metadata, $metadata_server_response", async ({ http }) =>
    isText(metadataOf(await http.send("GET", "/v2")).version, "version"),
  ),
  rest(
    "rest-server-extensions",
    "extensions is an array of strings",
    "Server Metadata, $metadata_server_response",
    async ({ http }) => {
      const { extensions } = metadataOf(await http.send("GET", "/v2"));
      expect(isTexts(extensions), "an array of strings", extensions);
    },
  ),
  rest("rest-server-metadata-type", "metadata is sent as JSON", "HTTP/REST: JSON; RFC 9110 section 8.3", async ({ http }) =>
    isJsonType(await http.send("GET", "/v2")),
  ),
  rest("rest-model-metadata", "the model has metadata under its name", "Model Metadata", async (target) => {
    const { name } = await modelMetadata(target);
    expect(name === target.model, `name ${target.model}`, name);
  }),
  rest(
    "rest-model-versions",
    "versions, if any, is an array of strings",
    "Model Metadata, $metadata_model_response",
    async (target) => {
      const { versions } = await modelMetadata(target);
      expect(versions === undefined || versions === null || isTexts(versions), "no versions, or an array of strings", versions);
    },
  ),
  rest("rest-model-platform", "platform is a string", "Model Metadata, $metadata_model_response", async (target) => {
    const { platform } = await modelMetadata(target);
    expect(typeof platform === "string", "a string", platform);
  }),
  ...(["inputs", "outputs"] as const).flatMap((list) => [
    rest(
      `rest-model-${list}`,
      `${list} is an array of the model's tensors`,
      "Model Metadata, $metadata_tensor",
      async (target) => {
        const tensors = tensorsOf(await modelMetadata(target), list);
        const names = tensors.map(({ name }) => name);
        const wanted = rows.map(({ input }) => (list === "inputs" ? input : `${input}_out`));
        for (const name of wanted) expect(names.includes(name), `a tensor ${name}`, names);
        expect(new Set(names).size === names.length, "no name twice", names);
      },
    ),
    rest(
      `rest-model-${list}-datatypes`,
      `${list} have datatypes of the protocol`,
      "Model Metadata; Tensor Data Types",
      async (target) => {
        for (const { name, datatype } of tensorsOf(await modelMetadata(target), list)) {
          const row = rows.find(({ input }) => String(name).replace(/_out$/, "") === input);
          if (row !== undefined) expect(datatype === row.datatype, `${name} of ${row.datatype}`, datatype);
        }
      },
    ),
    rest(
      `rest-model-${list}-shapes`,
      `${list} have shapes of whole numbers, -1 for any size`,
      "Model Metadata, shape",
      async (target) => {
        for (const { shape } of tensorsOf(await modelMetadata(target), list)) {
          const sizes = Array.isArray(shape) ? (shape as unknown[]) : [undefined];
          expect(
            sizes.every((size) => Number.isSafeInteger(size) && (size as number) >= -1),
            "whole numbers from -1 up",
            shape,
          );
        }
      },
    ),
  ]),
  rest("rest-model-metadata-version", "each version it names has metadata", "Model Metadata, MODEL_VERSION", async (target) => {
    for (const path of target.versionPaths) {
      const { name } = metadataOf(await target.http.send("GET", path));
      expect(name === target.model, `name ${target.model}`, name);
    }
  }),
  rest("rest-model-metadata-type", "metadata is sent as JSON", "HTTP/REST: JSON; RFC 9110 section 8.3", async ({ http, path }) =>
    isJsonType(await http.send("GET", path)),
  ),
  rest(
    "rest-model-metadata-unknown",
    "an unknown model's metadata is an error",
    "Model Metadata, $metadata_model_error_response",
    async ({ http }) => expectRefused(await http.send("GET", "/v2/models/no-such-model")),
  ),
  rest(
    "rest-model-metadata-unknown-version",
    "an unknown version's metadata is an error",
    "Model Metadata, MODEL_VERSION",
    async ({ http, path }) => expectNoVersion(await http.send("GET", `${path}/versions/no-such-version`)),
  ),
];

function metadataOf(answer: Answer): Metadata {
  expect(answer.status === 200, "status 200", `${answer.status} ${answer.text}`);
  const value = jsonOf(answer);
  expect(typeof value === "object" && value !== null && !Array.isArray(value), "a JSON object", answer.text);
  return value as Metadata;
}

async function modelMetadata({ http, path }: Target): Promise<Metadata> {
  return metadataOf(await http.send("GET", path));
}

function tensorsOf(
  metadata: Metadata,
  list: "inputs" | "outputs",
): readonly { name: unknown; datatype: unknown; shape: unknown }[] {
  const tensors = metadata[list];
  expect(Array.isArray(tensors), `an array of ${list}`, tensors);
  return tensors as { name: unknown; datatype: unknown; shape: unknown }[];
}

function isJsonType({ headers }: Answer): void {
  expect(/^application\/json\b/i.test(headers["content-type"] ?? ""), "content-type: application/json", headers["content-type"]);
}

function isText(value: unknown, what: string): void {
  expect(typeof value === "string" && value !== "", `${what}: a string`, value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
