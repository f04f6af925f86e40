import { SlipwayError } from "@slipway/base";
import { isJsonObject, type JsonObject } from "../body/json-object.ts";
import type { Target } from "./target.ts";

/**
 * The object as sent, with the name and namespace of the path where it has none. Throws `badRequest` when its version, kind, name or
 * namespace is not the path's. With no name in the path (a creation) the object's own is kept.
 */
export function identified(target: Target, object: JsonObject): JsonObject {
  const { info, namespace, name } = target;
  if (object.apiVersion !== info.apiVersion) {
    throw new SlipwayError(
      "badRequest",
      `the API version in the data (${text(object.apiVersion)}) does not match the expected API version (${info.apiVersion})`,
    );
  }
  if (object.kind !== info.kind) {
    throw new SlipwayError(
      "badRequest",
      `the kind in the data (${text(object.kind)}) does not match the expected kind (${info.kind})`,
    );
  }
  const metadata = object.metadata ?? {};
  // Anything else is for validation to refuse, with the field's path.
  if (!isJsonObject(metadata)) return object;
  if (name !== "" && isSet(metadata.name) && metadata.name !== name) {
    throw new SlipwayError(
      "badRequest",
      `the name of the object (${text(metadata.name)}) does not match the name on the URL (${name})`,
    );
  }
  if (namespace !== undefined && isSet(metadata.namespace) && metadata.namespace !== namespace) {
    throw new SlipwayError("badRequest", "the namespace of the provided object does not match the namespace sent on the request");
  }
  return {
    ...object,
    metadata: { ...metadata, ...(name === "" ? {} : { name }), ...(namespace === undefined ? {} : { namespace }) },
  };
}

/** The version the writer says it has seen; undefined when it does not say. */
export function sentVersion(object: JsonObject): string | undefined {
  const version = isJsonObject(object.metadata) ? object.metadata.resourceVersion : undefined;
  return typeof version === "string" && version !== "" ? version : undefined;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}
