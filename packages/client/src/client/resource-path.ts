import { SlipwayError } from "@slipway/base";
import { type Key, type Kind, kinds } from "@slipway/spec";

/** Path of a collection, or of one object and its subresource, in Kubernetes' REST layout. Names are escaped. */
export function resourcePath(kind: Kind, where: { namespace?: string; name?: string; subresource?: string }): string {
  const info = kinds[kind];
  const parts = info.group === "" ? ["api", info.version] : ["apis", info.group, info.version];
  if (info.namespaced && where.namespace !== undefined) parts.push("namespaces", where.namespace);
  parts.push(info.plural);
  if (where.name !== undefined) parts.push(where.name);
  if (where.subresource !== undefined) parts.push(where.subresource);
  return `/${parts.map(encodeURIComponent).join("/")}`;
}

/** Path of one object. A namespaced kind needs the namespace. */
export function objectPath(kind: Kind, key: Key, subresource?: string): string {
  if (key.name === "") throw new SlipwayError("badRequest", `A ${kind} needs a name.`);
  if (kinds[kind].namespaced && key.namespace === undefined)
    throw new SlipwayError("badRequest", `${kind} ${key.name} needs a namespace.`);
  return resourcePath(kind, { ...key, ...(subresource === undefined ? {} : { subresource }) });
}
