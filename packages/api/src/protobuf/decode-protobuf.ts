import { SlipwayError } from "@slipway/base";
import type { JsonObject } from "../body/json-object.ts";
import { type FieldType, type Message, messages } from "./messages.ts";
import { malformed, readWire } from "./read-wire.ts";

/** The content type in which kubectl's built-in clients send objects of Kubernetes' own kinds. */
export const protobufType = "application/vnd.kubernetes.protobuf";

/** Every message begins with these bytes: `k8s` and NUL. */
const magic = Buffer.from("k8s\0");

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Decodes a Kubernetes protobuf body to what it would be as JSON: fields with zero values are left out, as Go's `omitempty` does.
 * Throws `badRequest`, also for fields and kinds that are not known: nothing is accepted and ignored.
 */
export function decodeProtobuf(body: Uint8Array): JsonObject {
  if (Buffer.compare(body.subarray(0, magic.length), magic) !== 0) throw malformed();
  let apiVersion = "";
  let kind = "";
  let raw: Uint8Array = new Uint8Array();
  for (const { number, value } of readWire(body.subarray(magic.length))) {
    if (typeof value === "bigint") throw malformed();
    if (number === 2) raw = value;
    // Fields 3 and 4 are the raw object's encoding and content type, empty for a plain object.
    else if (number !== 1 && value.length > 0) throw malformed();
    if (number !== 1) continue;
    for (const field of readWire(value)) {
      if (field.number === 1) apiVersion = text(field.value);
      else if (field.number === 2) kind = text(field.value);
    }
  }
  const message = messages[`${kind === "DeleteOptions" ? "v1" : apiVersion} ${kind}`];
  if (message === undefined) {
    throw new SlipwayError(
      "unsupportedMediaType",
      `${kind || "An object"} of ${apiVersion || "no version"} is not read as protobuf.`,
      {
        hint: "Send it as application/json.",
      },
    );
  }
  return { apiVersion, kind, ...decodeMessage(message, raw) };
}

function decodeMessage(message: Message, bytes: Uint8Array): JsonObject {
  const object: JsonObject = {};
  for (const { number, value } of readWire(bytes)) {
    const field = message[number];
    if (field === undefined)
      throw new SlipwayError("badRequest", `strict decoding error: unknown protobuf field number ${number}`);
    const [name, type] = field;
    if (typeof type === "object" && "list" in type) {
      object[name] ??= [];
      const list = object[name] as unknown[];
      list.push(type.list === "text" ? text(value) : decodeMessage(type.list.message, contents(value)));
    } else if (typeof type === "object" && "map" in type) {
      object[name] ??= {};
      const map = object[name] as JsonObject;
      const entry = decodeMessage({ 1: ["key", "text"], 2: ["value", type.map] }, contents(value));
      const key = String(entry.key ?? "");
      if (key === "__proto__") throw malformed();
      map[key] = entry.value ?? "";
    } else {
      const decoded = decodeValue(type, value);
      if (decoded !== undefined) object[name] = decoded;
    }
  }
  return object;
}

/** A single value; undefined when it is its type's zero value. */
function decodeValue(type: Exclude<FieldType, { list: unknown } | { map: unknown }>, value: bigint | Uint8Array): unknown {
  if (typeof type === "object") return decodeMessage(type.message, contents(value));
  switch (type) {
    case "text":
      return text(value) || undefined;
    case "bytes":
      return Buffer.from(contents(value)).toString("base64") || undefined;
    case "bool":
      return integer(value) === 0 ? undefined : true;
    case "int":
      return integer(value) || undefined;
    case "time":
      return time(contents(value));
    case "fields":
      return fields(contents(value));
  }
}

/** `metav1.Time`: seconds and nanoseconds since 1970; no fields at all is no time. */
function time(bytes: Uint8Array): string | undefined {
  let seconds: number | undefined;
  let nanoseconds = 0;
  for (const { number, value } of readWire(bytes)) {
    if (number === 1) seconds = integer(value);
    else if (number === 2) nanoseconds = integer(value);
  }
  // Go's zero time is in the year 1.
  if (seconds === undefined || seconds < -62_000_000_000) return undefined;
  const date = new Date(seconds * 1_000);
  if (Number.isNaN(date.getTime())) throw malformed();
  const whole = date.toISOString().slice(0, -5);
  return nanoseconds === 0 ? `${whole}Z` : `${whole}.${String(Math.floor(nanoseconds / 1_000)).padStart(6, "0")}Z`;
}

/** `metav1.FieldsV1`: JSON in a bytes field. */
function fields(bytes: Uint8Array): unknown {
  for (const { number, value } of readWire(bytes)) {
    if (number !== 1) continue;
    try {
      return JSON.parse(text(value));
    } catch {
      throw malformed();
    }
  }
  return undefined;
}

function contents(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === "bigint") throw malformed();
  return value;
}

function text(value: bigint | Uint8Array): string {
  try {
    return utf8.decode(contents(value));
  } catch {
    throw malformed();
  }
}

function integer(value: bigint | Uint8Array): number {
  if (typeof value !== "bigint") throw malformed();
  return Number(BigInt.asIntN(64, value));
}
