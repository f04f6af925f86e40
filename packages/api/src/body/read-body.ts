import { SlipwayError } from "@slipway/base";
import type { Exchange } from "@slipway/http";
import { parseAllDocuments } from "yaml";
import { decodeProtobuf, protobufType } from "../protobuf/decode-protobuf.ts";
import { duplicateKey } from "./duplicate-key.ts";
import { checkShape, isJsonObject, type JsonObject } from "./json-object.ts";

/** A request's body as text, and its media type in lower case without parameters. */
export interface TextBody {
  readonly mediaType: string;
  readonly text: string;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads the body. Throws `badRequest` when it is not UTF-8. */
export async function readText(exchange: Exchange): Promise<TextBody> {
  return { mediaType: mediaTypeOf(exchange), text: decodeText(await exchange.readBody()) };
}

/** Reads an object sent as JSON, YAML or Kubernetes' protobuf. Throws `badRequest`, or `unsupportedMediaType` for anything else. */
export async function readObject(exchange: Exchange): Promise<JsonObject> {
  return (await readOptionalObject(exchange)) ?? asObject(undefined);
}

/** As {@link readObject}; undefined when there is no body. */
export async function readOptionalObject(exchange: Exchange): Promise<JsonObject | undefined> {
  const bytes = await exchange.readBody();
  if (bytes.length === 0) return undefined;
  const mediaType = mediaTypeOf(exchange);
  switch (mediaType) {
    case "application/json":
      return asObject(parseJson(decodeText(bytes)));
    case "application/yaml":
      return asObject(parseYaml(decodeText(bytes)));
    case protobufType: {
      const object = decodeProtobuf(bytes);
      checkShape(object);
      return object;
    }
    default:
      throw unsupported(mediaType, ["application/json", "application/yaml", protobufType]);
  }
}

/** The 415 that names what is read instead. */
export function unsupported(mediaType: string, accepted: readonly string[]): SlipwayError {
  return new SlipwayError(
    "unsupportedMediaType",
    `the body of the request was in an unknown format (${mediaType}) - accepted media types include: ${accepted.join(", ")}`,
  );
}

/** Parses JSON strictly: each key once. Throws `badRequest`. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SlipwayError("badRequest", `The body is not valid JSON: ${(error as Error).message}.`);
  }
  checkShape(value);
  const twice = duplicateKey(text);
  if (twice !== undefined)
    throw new SlipwayError("badRequest", `strict decoding error: duplicate field ${JSON.stringify(twice)}`);
  return value;
}

/** Parses one YAML 1.2 document strictly: each key once, no custom tags. JSON is read as JSON. Throws `badRequest`. */
export function parseYaml(text: string): unknown {
  if (/^\s*[{[]/.test(text) && isJson(text)) return parseJson(text);
  const documents = parseAllDocuments(text, { version: "1.2", schema: "core", uniqueKeys: true, merge: false, stringKeys: true });
  const document = Array.isArray(documents) ? documents[0] : undefined;
  if (document === undefined || documents.length !== 1) {
    throw new SlipwayError("badRequest", `The body must be one YAML document, not ${documents.length}.`);
  }
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined)
    throw new SlipwayError("badRequest", `The body is not valid YAML: ${problem.message.split("\n")[0]}`);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new SlipwayError("badRequest", `The body is not valid YAML: ${(error as Error).message}.`);
  }
  checkShape(value);
  return value;
}

/** The value, when it is an object. Throws `badRequest` otherwise. */
export function asObject(value: unknown): JsonObject {
  if (!isJsonObject(value)) throw new SlipwayError("badRequest", "The body must be one object.");
  return value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function mediaTypeOf(exchange: Exchange): string {
  return (exchange.headers["content-type"] ?? "application/json").split(";")[0]!.trim().toLowerCase();
}

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new SlipwayError("badRequest", "The body is not valid UTF-8.");
  }
}
