import { SlipwayError } from "@slipway/base";
import { type Key, type Kind, kinds } from "@slipway/spec";

/** Path of all objects of a kind, of those in one namespace, or of one object and its subresource. Names are escaped. */
export function kindPath(kind: Kind, where: Partial<Key> = {}, subresource?: string): string {
  const { group, version, plural, namespaced } = kinds[kind];
  const parts = group === "" ? ["api", version] : ["apis", group, version];
  if (namespaced && where.namespace !== undefined) parts.push("namespaces", where.namespace);
  parts.push(plural);
  if (where.name !== undefined) parts.push(where.name);
  if (subresource !== undefined) parts.push(subresource);
  return `/${parts.map(encodeURIComponent).join("/")}`;
}

/** Throws `invalid` when a key lacks a namespace its kind is in, or has one its kind is not in: the path could not say so. */
export function checkKey(kind: Kind, { namespace, name }: Key): void {
  const { namespaced } = kinds[kind];
  if (name !== "" && namespaced === (namespace !== undefined)) return;
  const [path, message, reason] =
    name === ""
      ? (["metadata.name", "required: an object has a name", "FieldValueRequired"] as const)
      : namespaced
        ? (["metadata.namespace", `required: a ${kind} is in a namespace`, "FieldValueRequired"] as const)
        : (["metadata.namespace", "must not be set: this kind is in no namespace", "FieldValueForbidden"] as const);
  throw new SlipwayError("invalid", `${kind} "${name}" is invalid: ${path}: ${message}`, {
    problems: [{ path, message, reason }],
  });
}
